package journey_test

import (
	"slices"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/journey"
)

// A robot is a program that may do everything.
type robot struct{}

func (robot) Ref() escalation.ActorRef                       { return escalation.TokenRef("robot") }
func (robot) May(escalation.Action, *escalation.Ticket) bool { return true }

// TestOfTicket walks a ticket up and down the tiers: what its journey is told is
// what happened to it, and nothing when no journey led to it.
func TestOfTicket(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for _, id := range []string{"j1", ""} {
		var got []journey.Kind
		keep := func(c escalation.Change, err error) escalation.Ticket {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range journey.OfTicket(c) {
				if e.Journey != id || e.Ticket != c.Ticket.ID || e.ID == "" {
					t.Errorf("event %+v", e)
				}
				got = append(got, e.Kind)
			}
			return c.Ticket
		}
		by := robot{}
		ticket := keep(escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "S", Text: "T", Email: "anna@example.com", Lang: "it", Journey: id,
		}, escalation.RequesterOf{}, escalation.NewID, now))
		for _, tier := range []int{2, 3, 2} {
			ticket = keep(ticket.Offer(escalation.OfferCommand{
				Desk: escalation.ShippedDesk(),
				Team: "tech", Tier: tier, Problem: "P", Untried: "no way", Asked: "A", By: now.Add(time.Hour), Tell: "W", Candidates: []string{"somebody"},
			}, by, escalation.NewID, now))
			ticket = keep(ticket.Accept("", by, escalation.NewID, now))
		}
		ticket = keep(ticket.Solve(escalation.SolveCommand{
			Message: escalation.Message{Text: "So"}, Article: escalation.NoArticle, Reason: "rare",
		}, by, escalation.NewID, now))
		keep(ticket.NotSolved(escalation.Message{Text: "no"}, escalation.RequesterOf{Ticket: ticket.ID}, escalation.NewID, now))

		want := []journey.Kind{journey.TicketTierUp, journey.TicketTierUp, journey.TicketSolved, journey.TicketReopened}
		if id == "" {
			want = nil
		}
		if !slices.Equal(got, want) {
			t.Errorf("journey %q is told %v, want %v", id, got, want)
		}
	}
}
