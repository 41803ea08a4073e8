package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// migrations are numbered by noun: 0001 to 0009 this package's base, 0010 to
// 0019 journeys, 0020 to 0029 demand.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate makes the tables what this binary knows.
func (db *DB) migrate(ctx context.Context) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	if err := db.checkNewer(ctx, p); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return db.beginAudit(ctx)
}

// checkSchema refuses tables that a server with another version has in use.
func (db *DB) checkSchema(ctx context.Context) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	if err := db.checkNewer(ctx, p); err != nil {
		return err
	}
	pending, err := p.HasPending(ctx)
	if err != nil {
		return err
	}
	if pending {
		return fmt.Errorf("a server of an older version is running: stop it first")
	}
	return nil
}

func (db *DB) provider() (*goose.Provider, error) {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	// Each noun has its numbers, so a low one may come after a high one.
	options := []goose.ProviderOption{goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true)}
	dialect := goose.DialectSQLite3
	if db.pg {
		dialect = goose.DialectPostgres
		l, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(l))
	}
	return goose.NewProvider(dialect, db.write, sub, options...)
}

// checkNewer refuses a database that a newer binary has migrated.
func (db *DB) checkNewer(ctx context.Context, p *goose.Provider) error {
	newest, err := p.GetDBVersion(ctx) // makes goose's table, if it is missing
	if err != nil {
		return err
	}
	sources := p.ListSources()
	if known := sources[len(sources)-1].Version; newest > known {
		return fmt.Errorf("made by a newer version of primalinea (schema %d, this one knows %d)", newest, known)
	}
	return nil
}
