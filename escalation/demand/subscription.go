package demand

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"primalinea/escalation"
	"primalinea/escalation/scrub"
)

const (
	// ConfirmLife is how long somebody has to confirm that they want to be told.
	ConfirmLife = 7 * 24 * time.Hour
	// AskAgain is how long the letter that asks them is not written again.
	AskAgain = 24 * time.Hour
	// LettersADay is how many such letters one address gets in [AskAgain], whatever is
	// typed into the form: it is not always typed by whose address it is.
	LettersADay = 3

	maxQuery = 200 // runes; longer ones are cut
)

// A Subscription is somebody who searched in vain and wants to be told when there is
// an answer. It lies on a line as its signal does, from when it is confirmed.
type Subscription struct {
	ID        string
	Email     string // folded
	Lang      string
	Query     string // scrubbed
	Journey   string // id of that on which they searched, until it is confirmed
	Made      time.Time
	Confirmed time.Time // zero until the link in the letter was followed, and a button pressed
}

// NewSubscription checks a subscription, and takes personal data out of its query.
func NewSubscription(s Subscription, now time.Time) (Subscription, error) {
	email, err := escalation.ParseEmail("email", s.Email)
	if err != nil {
		return Subscription{}, err
	}
	s.Email = strings.ToLower(email)
	query, _ := scrub.Text(tidy(printable(s.Query, false)))
	if tidy(scrub.Without(query)) == "" {
		return Subscription{}, &escalation.Error{Kind: escalation.Invalid, Field: "q", Reason: "error.subscribe_query"}
	}
	if utf8.RuneCountInString(query) > maxQuery {
		query = strings.TrimSpace(string([]rune(query)[:maxQuery]))
	}
	s.Query = query
	s.Made, s.Confirmed = now.UTC().Truncate(time.Millisecond), time.Time{}
	return s, nil
}

// Said is the same for subscriptions to the same words.
func (s *Subscription) Said() string {
	return fmt.Sprintf("%s %016x", s.Lang, saidKey(s.Lang, s.Query))
}

// Expired reports whether it was not confirmed in time.
func (s *Subscription) Expired(now time.Time) bool {
	return s.Confirmed.IsZero() && now.Sub(s.Made) >= ConfirmLife
}

// signal is what a confirmed subscription says of demand. It is the same person's as
// their searches and their tickets.
func (s *Subscription) signal(key []byte, now time.Time) Signal {
	who := (&escalation.Ticket{ID: s.ID, Requester: escalation.Requester{Email: s.Email}}).RequesterHash(key)
	return Signal{ID: "subscribe-" + s.ID, Kind: Waits, Lang: s.Lang, Text: s.Query, Who: who, At: now.UTC().Truncate(time.Millisecond), Journey: s.Journey}
}

// A SubscriptionStore keeps subscriptions. It knows the code in a letter by its hash.
type SubscriptionStore interface {
	// Subscribe keeps a subscription and the letter that asks whether it is meant. Of
	// one to the same words it keeps nothing, but for one that waits for [AskAgain] to
	// be confirmed: that is asked again. Nor does it of an address that got
	// [LettersADay]. What it does takes as long in each case.
	Subscribe(ctx context.Context, s Subscription, hash string, l escalation.Letter) error
	// Subscription returns one, or a [escalation.NotFound] error.
	Subscription(ctx context.Context, hash string) (Subscription, error)
	// ConfirmSubscription notes that one is meant, and keeps its signal, once.
	ConfirmSubscription(ctx context.Context, hash string, signal Signal) error
	// LineOfSignal returns the line on which a signal lies; it is empty while it lies on
	// none.
	LineOfSignal(ctx context.Context, id string) (string, error)
	// DropSubscription forgets one, and its signal.
	DropSubscription(ctx context.Context, hash string) error
	// Subscribers returns those in a language that are confirmed and whose signals lie
	// on a line.
	Subscribers(ctx context.Context, line, lang string) ([]Subscription, error)
	// Tell writes the last letter of a subscription and forgets it, at once: so nobody
	// is told twice.
	Tell(ctx context.Context, id string, l escalation.Letter) error
}

// Subscribers are told when there is an answer to what they searched in vain.
type Subscribers struct {
	Store   SubscriptionStore
	Backlog *Backlog
	// Title returns that under which visitors can read an article in a language.
	Title func(article, lang string) (title string, ok bool)
	Key   []byte // of links in letters
	IDs   func() string
	Now   func() time.Time
}

// Ask keeps a subscription that its letter has to confirm. What it answers does not
// depend on whether the address is known here.
func (s *Subscribers) Ask(ctx context.Context, sub Subscription) error {
	sub.ID = s.IDs()
	sub, err := NewSubscription(sub, s.Now())
	if err != nil {
		return err
	}
	nonce := rand.Text()
	// It repeats nothing that was typed: else the form could be used to send a stranger
	// words of one's own.
	l := escalation.Letter{
		ID: s.IDs(), Kind: escalation.SubscribeLetter, To: sub.Email, Lang: sub.Lang, NotBefore: sub.Made,
		Args: escalation.LetterArgs{Recipient: sub.Email, Path: "/subscriptions/", Nonce: nonce},
	}
	if err := s.Store.Subscribe(ctx, sub, codeHash(escalation.Code(s.Key, nonce)), l); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	return nil
}

func codeHash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// Find returns the subscription of a letter, by the code in its link. One that is
// over, or was not confirmed in time, is not found.
func (s *Subscribers) Find(ctx context.Context, code string) (Subscription, error) {
	sub, err := s.Store.Subscription(ctx, codeHash(code))
	if err == nil && sub.Expired(s.Now()) {
		err = NoSubscription()
	}
	if err != nil {
		return Subscription{}, fmt.Errorf("subscription: %w", err)
	}
	return sub, nil
}

// NoSubscription is the answer about one that is not there, or not any more.
func NoSubscription() error {
	return &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_subscription"}
}

// Confirm notes that a subscription is meant. Who confirms again changes nothing. When
// an article was chosen for what they asked since they did, they are told at once.
func (s *Subscribers) Confirm(ctx context.Context, code string) error {
	sub, err := s.Find(ctx, code)
	if err != nil || !sub.Confirmed.IsZero() {
		return err
	}
	now := s.Now()
	signal := sub.signal(s.Backlog.Key, now)
	defer s.Backlog.forget()
	if err = s.Store.ConfirmSubscription(ctx, codeHash(code), signal); err == nil {
		err = s.catchUp(ctx, sub, signal, now)
	}
	if err != nil {
		return fmt.Errorf("confirm subscription: %w", err)
	}
	return nil
}

// catchUp tells who confirms late what was chosen meanwhile.
func (s *Subscribers) catchUp(ctx context.Context, sub Subscription, signal Signal, now time.Time) error {
	if err := s.Backlog.place(ctx, now); err != nil {
		return err
	}
	line, err := s.Store.LineOfSignal(ctx, signal.ID)
	if err != nil {
		return err
	}
	decisions, err := s.Backlog.Store.Decisions(ctx, maxDecisions)
	if err != nil {
		return err
	}
	if d, ok := decisions[line]; ok && d.Choice.OfArticle() && d.At.After(sub.Made) {
		return s.tell(ctx, line, d.Article, sub.Lang)
	}
	return nil
}

// Stop forgets a subscription.
func (s *Subscribers) Stop(ctx context.Context, code string) error {
	defer s.Backlog.forget()
	if err := s.Store.DropSubscription(ctx, codeHash(code)); err != nil {
		return fmt.Errorf("stop subscription: %w", err)
	}
	return nil
}

// Answered tells those who wait on a line in a language that an article answers what
// they asked. Each is told once, and then forgotten: it can be called again.
func (s *Subscribers) Answered(ctx context.Context, line, article, lang string) error {
	err := s.Backlog.place(ctx, s.Now())
	if err == nil {
		err = s.tell(ctx, line, article, lang)
	}
	if err != nil {
		return fmt.Errorf("tell who asked on %s: %w", line, err)
	}
	return nil
}

func (s *Subscribers) tell(ctx context.Context, line, article, lang string) error {
	title, ok := s.Title(article, lang)
	if !ok {
		return nil // not theirs to read
	}
	subs, err := s.Store.Subscribers(ctx, line, lang)
	if err != nil {
		return err
	}
	for _, sub := range subs {
		l := escalation.Letter{
			ID: s.IDs(), Kind: escalation.AnsweredLetter, To: sub.Email, Lang: lang, NotBefore: s.Now(),
			Args: escalation.LetterArgs{
				Recipient: sub.Email, Subject: title, Text: sub.Query,
				Path: "/a/" + article + "?lang=" + lang,
			},
		}
		if err := s.Store.Tell(ctx, sub.ID, l); err != nil {
			return err
		}
	}
	return nil
}
