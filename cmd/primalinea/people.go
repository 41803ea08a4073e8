package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
)

type staffCmd struct {
	Add     staffAddCmd     `cmd:"" help:"Add somebody, and print their one-time link."`
	List    staffListCmd    `cmd:"" help:"List who works here."`
	Disable staffDisableCmd `cmd:"" help:"Shut somebody out at once."`
	Reset   staffResetCmd   `cmd:"" help:"Print a one-time link that sets a new password."`
}

type staffAddCmd struct {
	place `embed:""`
	Email string   `arg:"" help:"Address, with which they sign in."`
	Name  string   `required:"" help:"Name, as colleagues see it."`
	Lang  string   `default:"en" help:"Language of their pages."`
	Roles []string `default:"agent" help:"agent, writer, lead"`
	Tier  int      `default:"1" help:"Tier of an agent, 1 to 3."`
	Teams []string `default:"general" help:"Teams of an agent."`
}

// Run adds a person.
func (k staffAddCmd) Run(out io.Writer) error {
	return k.with(func(ctx context.Context, db *store.DB) error {
		now := time.Now()
		form := staff.Form{Name: k.Name, Email: k.Email, Lang: k.Lang, Tier: k.Tier, Teams: k.Teams}
		for _, r := range k.Roles {
			form.Roles = append(form.Roles, staff.Role(r))
		}
		desks, err := escalation.OpenDesks(ctx, db, now)
		if err != nil {
			return err
		}
		p, err := staff.NewPerson(escalation.NewID(), form, desks.Current(), now)
		if err != nil {
			return usageError{err}
		}
		if err := db.AddPerson(ctx, p); err != nil {
			return err
		}
		return link(ctx, db, p, out)
	})
}

// link prints a one-time link for somebody.
func link(ctx context.Context, db *store.DB, p staff.Person, out io.Writer) error {
	i, code := staff.NewInvitation(p.ID, time.Now())
	if err := db.AddInvitation(ctx, i); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s can set a password, once and until %s, at:\n/join/%s\n", p.Email, i.Expires.Format(time.DateOnly), code)
	return err
}

type staffListCmd struct {
	place `embed:""`
}

// Run lists who works here.
func (k staffListCmd) Run(out io.Writer) error {
	return k.with(func(ctx context.Context, db *store.DB) error {
		people, err := db.People(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ADDRESS\tNAME\tROLES\tTIER\tTEAMS\tSTATE")
		for _, p := range people {
			state := "active"
			switch {
			case p.Disabled:
				state = "disabled"
			case p.PasswordHash == "":
				state = "invited"
			}
			roles := make([]string, len(p.Roles))
			for i, r := range p.Roles {
				roles[i] = string(r)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", p.Email, p.Name, strings.Join(roles, ","), p.Tier, strings.Join(p.Teams, ","), state)
		}
		return w.Flush()
	})
}

type staffDisableCmd struct {
	place `embed:""`
	Email string `arg:"" help:"Address of who is shut out."`
}

// Run disables a person, ends their sessions, and gives their open tickets to the
// first lead.
func (k staffDisableCmd) Run(out io.Writer) error {
	return k.with(func(ctx context.Context, db *store.DB) error {
		p, err := db.PersonByEmail(ctx, k.Email)
		if err != nil {
			return err
		}
		gone, err := db.ChangePerson(ctx, p.ID, func(p *staff.Person) error {
			if !p.Disabled {
				p.Note(staff.EventDisabled, escalation.ActorRef{}, time.Now())
			}
			p.Disabled = true
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%s is disabled and signed out\n", p.Email); err != nil {
			return err
		}
		people, err := db.People(ctx)
		if err != nil {
			return err
		}
		heir, ok := staff.Heir(people, gone)
		if !ok {
			return nil
		}
		n, err := staff.HandOn(ctx, db, gone, heir, escalation.NewID, time.Now)
		if n > 0 {
			fmt.Fprintf(out, "open tickets now with %[2]s: %[1]d\n", n, heir.Email)
		}
		return err
	})
}

type staffResetCmd struct {
	place  `embed:""`
	Email  string `arg:"" help:"Address of who forgot the password."`
	Factor bool   `name:"second-step" help:"Remove their second step at sign-in too: the telephone is lost."`
}

// Run prints a one-time link.
func (k staffResetCmd) Run(out io.Writer) error {
	return k.with(func(ctx context.Context, db *store.DB) error {
		p, err := db.PersonByEmail(ctx, k.Email)
		if err != nil {
			return err
		}
		if p.Disabled {
			return &escalation.Error{Kind: escalation.Conflict, Reason: "error.disabled"}
		}
		if k.Factor && p.Factor != nil {
			if _, err := db.ChangePerson(ctx, p.ID, func(p *staff.Person) error {
				p.Factor = nil
				p.Note(staff.EventNoFactor, escalation.ActorRef{}, time.Now())
				return nil
			}); err != nil {
				return err
			}
		}
		return link(ctx, db, p, out)
	})
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Create a token and print it, once."`
	List   tokenListCmd   `cmd:"" help:"List the tokens."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a token at once."`
}

type tokenCreateCmd struct {
	place `embed:""`
	Name  string   `required:"" help:"What acts: the ledger says api:NAME."`
	Scope []string `help:"tickets:read, tickets:write, reports:read; all of them when left out."`
}

// Run prints the token alone, so that a script can take it.
func (k tokenCreateCmd) Run(out io.Writer) error {
	var scopes []staff.Scope
	for _, s := range k.Scope {
		scopes = append(scopes, staff.Scope(s))
	}
	t, secret, err := staff.NewToken(escalation.NewID(), k.Name, scopes, time.Now())
	if err != nil {
		return usageError{err}
	}
	return k.with(func(ctx context.Context, db *store.DB) error {
		if err := db.AddToken(ctx, t); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, secret)
		return err
	})
}

type tokenListCmd struct {
	place `embed:""`
}

// Run lists the tokens.
func (k tokenListCmd) Run(out io.Writer) error {
	return k.with(func(ctx context.Context, db *store.DB) error {
		tokens, err := db.Tokens(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tSCOPES\tCREATED\tREVOKED")
		for _, t := range tokens {
			scopes := make([]string, len(t.Scopes))
			for i, s := range t.Scopes {
				scopes[i] = string(s)
			}
			revoked := "-"
			if !t.Revoked.IsZero() {
				revoked = t.Revoked.Format(time.DateOnly)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.Name, strings.Join(scopes, ","), t.Created.Format(time.DateOnly), revoked)
		}
		return w.Flush()
	})
}

type tokenRevokeCmd struct {
	place `embed:""`
	Name  string `arg:"" help:"Name of the token."`
}

// Run revokes a token.
func (k tokenRevokeCmd) Run(out io.Writer) error {
	return k.with(func(ctx context.Context, db *store.DB) error {
		if err := db.RevokeToken(ctx, k.Name); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "%s is revoked\n", k.Name)
		return err
	})
}
