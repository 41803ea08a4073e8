package store

import (
	"context"
	"database/sql"
	"fmt"
)

// leftBy asks for what is open of somebody. An index of some rows is used only
// where its condition stands literally.
const leftBy = `
	SELECT number FROM ticket WHERE state <> 'closed' AND owner <> '' AND owner = $1
	UNION
	SELECT number FROM ticket WHERE state <> 'closed' AND assignee <> '' AND assignee = $1
	UNION
	SELECT number FROM ticket WHERE state <> 'closed' AND id IN (SELECT ticket FROM handoff WHERE state = 'offered' AND from_id = $1)
	LIMIT $2`

// LeftBy returns the numbers of up to n tickets that are not closed and that a
// person owns, works on or has offered.
func (db *DB) LeftBy(ctx context.Context, person string, n int) ([]string, error) {
	var numbers []string
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var number string
		err := rows.Scan(&number)
		numbers = append(numbers, number)
		return err
	}, leftBy, person, n)
	if err != nil {
		return nil, fmt.Errorf("tickets of %s: %w", person, err)
	}
	return numbers, nil
}
