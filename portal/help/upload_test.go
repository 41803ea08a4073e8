package help_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
)

// bill is a document of a million bytes: two pieces, and a bit.
var bill = "%PDF-1.7\n" + strings.Repeat("0123456789", 110_000)

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// pieces are what a script sends of a file, and the hash of the whole.
func pieces(content string) (list []string, whole string) {
	var all []byte
	for at := 0; at < len(content); at += evidence.Piece {
		list = append(list, content[at:min(len(content), at+evidence.Piece)])
		h := sha256.Sum256([]byte(list[len(list)-1]))
		all = append(all, h[:]...)
	}
	return list, sum(string(all))
}

func (b *browser) encoded(method, path string, pairs ...string) *browser {
	b.t.Helper()
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return b.do(method, path, "application/x-www-form-urlencoded", strings.NewReader(f.Encode()))
}

// begin begins to send a file, and returns its address.
func (b *browser) begin(name, content string) string {
	b.t.Helper()
	first, _ := pieces(content)
	b.encoded("POST", "/uploads", "name", name, "size", strconv.Itoa(len(content)), "print", sum(first[0]))
	return b.at
}

// piece sends bytes from a place on.
func (b *browser) piece(path string, at int, content string) *browser {
	b.t.Helper()
	b.header["Upload-Offset"] = strconv.Itoa(at)
	defer delete(b.header, "Upload-Offset")
	return b.do("PATCH", path, "application/offset+octet-stream", strings.NewReader(content))
}

// TestUploadInPieces cuts an upload at nine tenths: it goes on in the same browser, no
// form can have it before, and the ticket has the whole.
func TestUploadInPieces(t *testing.T) {
	s := newOffice(t)
	b, stranger := s.browser(), s.browser()
	b.get("/en/contact").want(200, "data-upload=\"file\"", "images and PDF up to 20 MB", "videos up to 200 MB")
	asked := b.form().with("subject", "Zzz", "text", "qqq", "email", "ada@example.com")
	path := b.begin("bill.pdf", bill)
	b.want(201)
	list, whole := pieces(bill)
	b.piece(path, 0, list[0]).want(204)
	cut := len(bill)*9/10 - evidence.Piece
	b.piece(path, evidence.Piece, list[1][:cut]).want(204)

	// Nine tenths are here, and are nothing.
	id := strings.TrimPrefix(path, "/uploads/")
	b.encoded("POST", path, "key", asked.get("key"), "field", "file", "sum", whole).want(409, "did not arrive whole")
	b.get("/files/" + id).want(404)
	b.post("/en/contact", asked.with("do", "next", "file", id+".x")).want(200).never("bill.pdf")

	// Nobody else goes on, or knows that it is there.
	stranger.begin("x.pdf", bill)
	for _, other := range []*browser{stranger, s.browser()} {
		other.piece(path, evidence.Piece+cut, list[1][cut:]).want(404)
		other.do("HEAD", path, "", nil).want(404)
		other.encoded("POST", path, "key", asked.get("key"), "field", "file", "sum", whole).want(404)
		other.do("DELETE", path, "", nil).want(404)
	}
	if stranger.at == path {
		t.Error("the same file of another browser is the same upload")
	}

	// After a reload the same file is found again, whatever it is called now.
	if again := b.begin("again.pdf", bill); again != path || b.status != 200 || b.head.Get("Upload-Offset") != strconv.Itoa(evidence.Piece+cut) {
		t.Fatalf("it begins anew: %d, %q, %v", b.status, again, b.head)
	}
	b.do("HEAD", path, "", nil).want(200)
	if b.head.Get("Upload-Offset") != strconv.Itoa(evidence.Piece+cut) || b.head.Get("Upload-Length") != strconv.Itoa(len(bill)) {
		t.Errorf("here are %v", b.head)
	}
	b.piece(path, 0, list[0]).want(409)
	if b.head.Get("Upload-Offset") != strconv.Itoa(evidence.Piece+cut) {
		t.Errorf("it goes on at %v", b.head)
	}
	b.piece(path, evidence.Piece+cut, list[1][cut:]).want(204)
	b.piece(path, 2*evidence.Piece, list[2]).want(204)
	b.encoded("POST", path, "key", asked.get("key"), "field", "on<load", "sum", whole).want(400)
	b.encoded("POST", path, "key", asked.get("key"), "field", "file", "sum", whole).want(200, "bill.pdf", `name="file"`)
	file := regexp.MustCompile(`value="([^"]+)"`).FindStringSubmatch(b.body)[1]
	// The answer was lost: it is the same again.
	b.encoded("POST", path, "key", asked.get("key"), "field", "file", "sum", whole).want(200, file)
	b.get("/files/" + strings.Replace(file, ".", "?s=", 1)).want(200)

	b.post("/en/contact", asked.with("do", "check", "file", file)).want(200, "bill.pdf")
	b.post("/en/contact", b.form().with("do", "send")).want(303)
	ticket := b.sentTicket()
	if files := ticket.Entries[0].Files; len(files) != 1 || files[0].Name != "bill.pdf" || files[0].Size != int64(len(bill)) {
		t.Fatalf("attached %+v", files)
	}
	if b.get("/files/" + ticket.Entries[0].Files[0].ID).want(200); b.body != bill {
		t.Errorf("read back %d bytes of %d", len(b.body), len(bill))
	}
	// It hangs on its ticket, and on no other.
	b.encoded("POST", path, "key", asked.get("key"), "field", "file", "sum", whole).want(404)
}

// TestUploadEnds: what is refused, given up or forgotten leaves nothing here.
func TestUploadEnds(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	usage := func(want int64) {
		t.Helper()
		if u, err := s.db.Usage(t.Context(), ""); err != nil || u.All != want {
			t.Errorf("here are %+v, %v, want %d", u, err, want)
		}
	}
	path := b.begin("page.pdf", "<!doctype html><script>1</script>")
	b.want(201)
	usage(33)
	b.piece(path, 0, "<!doctype html><script>1</script>").want(422, "We cannot take “page.pdf”")
	b.do("HEAD", path, "", nil).want(404)

	path = b.begin("bill.pdf", bill)
	list, _ := pieces(bill)
	b.piece(path, 0, list[0]).want(204)
	b.do("DELETE", path, "", nil).want(204)
	b.do("HEAD", path, "", nil).want(404)
	usage(0)

	// Other bytes than the browser read: they were changed on their way.
	path = b.begin("bill.pdf", "%PDF-1.7\nas it was")
	b.piece(path, 0, "%PDF-1.7\nas it wax").want(204)
	_, whole := pieces("%PDF-1.7\nas it was")
	b.encoded("POST", path, "key", "k", "field", "file", "sum", whole).want(422, "did not arrive whole")
	usage(0)

	path = b.begin("bill.pdf", bill)
	b.piece(path, 0, list[0]).want(204)
	s.wait(evidence.UploadAge + time.Minute)
	b.piece(path, evidence.Piece, list[1]).want(404)
	ids, err := s.db.SweepUploads(t.Context(), s.clock().Add(-evidence.UploadAge))
	if err != nil || len(ids) != 1 || "/uploads/"+ids[0] != path {
		t.Errorf("abandoned are %q, %v", ids, err)
	}
	usage(0)

	for _, pairs := range [][]string{
		{"name", "a.mp4", "size", strconv.Itoa(evidence.MaxVideo + 1), "print", sum("")},
		{"name", "a.mp4", "size", "-1", "print", sum("")},
		{"name", "a.mp4", "size", "x", "print", sum("")},
		{"name", "a.mp4", "size", "10", "print", "../../etc/passwd"},
	} {
		b.encoded("POST", "/uploads", pairs...).want(422)
	}
	for _, id := range []string{"..%2f..%2fetc%2fpasswd", strings.Repeat("a", 26), "x"} {
		b.do("HEAD", "/uploads/"+id, "", nil).want(404)
	}
	usage(0)
}

// TestStorageFull: when the room for files is used up, requests go on without them, and
// lose nothing.
func TestStorageFull(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	b.get("/en/contact")
	f := b.form().with("subject", "Zzz", "text", "qqq", "email", "ada@example.com", "do", "check")
	s.room.Quota = 5000
	if err := s.db.StageFile(t.Context(), evidence.Record{ID: "giant", Hash: "h", Name: "n", Type: "video/mp4", Size: 4999, Created: s.clock()}); err != nil {
		t.Fatal(err)
	}
	b.post("/en/contact", f, upload{"dot.png", aPNG}).want(422, "There is no room for files", "qqq")
	b.begin("bill.pdf", bill)
	b.want(429, "There is no room for files")
	b.post("/en/contact", f).want(200, "Check your request")
	b.post("/en/contact", b.form().with("do", "send")).want(303)
	if got := b.sentTicket(); got.State != escalation.New {
		t.Errorf("it is %v", got.State)
	}
}
