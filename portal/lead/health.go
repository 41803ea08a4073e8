package lead

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
)

// healthDays is how many days the list of what needs somebody looks back.
const healthDays = 90

// A why is one reason why an article needs somebody, and what to do.
type why struct {
	Need journey.Need
	Text string // what was seen
	Path string // where it is mended
}

// A patientRow is an article that needs somebody.
type patientRow struct {
	journey.Patient
	Title, Path string
	Whys        []why
}

// A needCount is how many articles have a need.
type needCount struct {
	Need  journey.Need
	Count int
}

// A healthPage lists the articles that need somebody.
type healthPage struct {
	web.Page
	Only    string // language, or empty for all
	Need    journey.Need
	Counts  []needCount
	All     int // articles that need somebody
	Rows    []patientRow
	Total   int // of the list
	list    []journey.Patient
	Pages   web.Pages
	Decided int
	Mean    interval.Proportion
	// From is the day from which it can be said that the first article is unused;
	// zero when it can be said.
	From time.Time
}

// At is the address of the list of one need, in a language.
func (p healthPage) At(need journey.Need, only string) string {
	return p.at("/lead/articles/health", need, only)
}

// CSV is the address of the same as a file.
func (p healthPage) CSV() string { return p.at("/lead/articles/health.csv", p.Need, p.Only) }

func (healthPage) at(path string, need journey.Need, only string) string {
	if q := healthQuery(need, only); len(q) > 0 {
		return path + "?" + q.Encode()
	}
	return path
}

func healthQuery(need journey.Need, only string) url.Values {
	q := url.Values{}
	if need != "" {
		q.Set("need", string(need))
	}
	if only != "" {
		q.Set("only", only)
	}
	return q
}

// healthPage finds the articles that need somebody.
func (r *Worth) healthPage(c *fiber.Ctx) (healthPage, error) {
	p := healthPage{Page: r.Page(c, "lead", "health.title")}
	if only := c.Query("only"); slices.Contains(r.Offered(), only) {
		p.Only = only
	}
	if need := journey.Need(c.Query("need")); slices.Contains(journey.Needs, need) {
		p.Need = need
	}
	counted, err := r.Credits(c.UserContext(), journey.LastDays(healthDays, "", r.Now()))
	if err != nil {
		return p, err
	}
	seen, err := r.Seen(c.UserContext())
	if err != nil {
		return p, err
	}
	report, votes := counted.Report(), map[journey.Text][]journey.Voted{}
	for _, v := range counted.Votes {
		votes[v.Text] = append(votes[v.Text], v)
	}
	p.Decided, p.Mean = report.Decided, report.Mean
	lib, now := r.Folder.Library(), r.Now()
	var all []journey.Condition
	for _, a := range lib.All() {
		if !a.Live(now) || p.Only != "" && a.Lang != p.Only {
			continue
		}
		t := journey.Text{Article: a.Key, Lang: a.Lang}
		condition := conditionOf(lib, a, report.Of(t), votes[t], seen[t])
		if first := seen[t].Known.Add(journey.Unused); condition.Open && !seen[t].Known.IsZero() && (p.From.IsZero() || first.Before(p.From)) {
			p.From = first
		}
		all = append(all, condition)
	}
	if !p.From.After(now) {
		p.From = time.Time{}
	}
	patients := journey.Patients(all, p.Mean, now)
	p.All = len(patients)
	for _, need := range journey.Needs {
		n := needCount{Need: need}
		for _, patient := range patients {
			if patient.Has(need) {
				n.Count++
			}
		}
		p.Counts = append(p.Counts, n)
	}
	for _, patient := range patients {
		if p.Need == "" || patient.Has(p.Need) {
			p.list = append(p.list, patient)
		}
	}
	p.Total = len(p.list)
	return p, nil
}

// show puts a part of the list into words.
func (p *healthPage) show(lib *content.Library, from, to int) {
	for _, patient := range p.list[from:to] {
		if a := lib.ByKey(patient.Article, patient.Lang); a != nil { // it may go meanwhile
			p.Rows = append(p.Rows, patientRow{Patient: patient, Title: a.Title, Path: articlePath(patient.Text), Whys: whys(p.Page, lib, a, patient, p.Mean)})
		}
	}
}

// conditionOf gathers what says whether an article needs somebody.
func conditionOf(lib *content.Library, a *content.Article, s journey.Standing, votes []journey.Voted, seen journey.Seen) journey.Condition {
	return journey.Condition{
		Text: s.Text, Standing: s, Judgement: journey.Judgements(votes, s.Text, a.Revision)[0],
		Open: a.Audience < content.Agents, Seen: seen, Due: a.Due(), Behind: lib.Behind(a).Size,
	}
}

// whys says why an article needs somebody, and where to go.
func whys(p web.Page, lib *content.Library, a *content.Article, patient journey.Patient, mean interval.Proportion) []why {
	var out []why
	edit := editPath(a.File)
	for _, need := range patient.Needs {
		w := why{Need: need, Path: edit}
		switch need {
		case journey.NeedContacted:
			d := patient.Standing.Contacted
			w.Text = p.T("health.why.contacted", "K", d.K, "N", d.N, "Low", p.Percent(d.Low), "High", p.Percent(d.High), "Mean", p.Percent(mean.Rate))
		case journey.NeedVotes:
			j := patient.Judgement
			w.Text = p.T("health.why.votes", "No", j.No, "Yes", j.Yes)
			if reasons := reasonsOf(p, j); reasons != "" {
				w.Text += ". " + reasons
			}
		case journey.NeedBehind:
			lag := lib.Behind(a)
			w.Text = p.T("health.why.behind."+lag.Size, "Language", p.LanguageName(lag.Source.Lang), "Date", p.Date(lag.At))
		case journey.NeedReview:
			w.Text, w.Path = p.T("health.why.review", "Date", p.Date(patient.Due)), "/write/reviews"
		case journey.NeedUnused:
			if patient.Opened.IsZero() {
				w.Text = p.T("health.why.never", "Date", p.Date(patient.Known))
			} else {
				w.Text = p.T("health.why.unused", "Date", p.Date(patient.Opened))
			}
		}
		out = append(out, w)
	}
	return out
}

// reasonsOf says what those gave as reasons who said "no", the most frequent first.
func reasonsOf(p web.Page, j journey.Judgement) string {
	var words []string
	for word := range j.Reasons {
		words = append(words, word)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(j.Reasons[b]-j.Reasons[a], strings.Compare(a, b)) })
	for i, word := range words {
		words[i] = p.T("worth.reason", "Reason", p.T("vote.reason."+word), "Count", j.Reasons[word])
	}
	return strings.Join(words, " · ")
}

// editPath is the address of the editor of an article's file.
func editPath(file string) string { return (&url.URL{Path: "/write/edit/" + file}).EscapedPath() }

// health serves GET /lead/articles/health.
func (r *Worth) health(c *fiber.Ctx) error {
	p, err := r.healthPage(c)
	if err != nil {
		return err
	}
	var from, to int
	p.Pages, from, to = web.Part(c, p.Total, healthQuery(p.Need, p.Only))
	p.show(r.Folder.Library(), from, to)
	return r.Render(c, fiber.StatusOK, "lead/health", p)
}

// healthCSV serves GET /lead/articles/health.csv: all of the list, a line for each
// reason.
func (r *Worth) healthCSV(c *fiber.Ctx) error {
	p, err := r.healthPage(c)
	if err != nil {
		return err
	}
	p.show(r.Folder.Library(), 0, p.Total)
	out := [][]string{{"key", "language", "title", "need", "what", "read"}}
	for _, row := range p.Rows {
		for _, w := range row.Whys {
			out = append(out, []string{row.Article, row.Lang, row.Title, string(w.Need), w.Text, strconv.Itoa(row.Standing.Solved.N)})
		}
	}
	return web.SendCSV(c, "article-health.csv", out)
}
