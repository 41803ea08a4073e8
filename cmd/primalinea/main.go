// Command primalinea is a help centre and a support desk in one program.
//
// Without arguments it serves: it makes its data folder, fills it with the
// shipped help centre, and prints the address. Run it with --help for the rest.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	_ "time/tzdata" // zones, also on machines that have none

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"primalinea/escalation"
	"primalinea/themes"
)

// version is set when a release is built.
var version = "dev"

// A cli is everything that can be said to the program. Each flag is also an
// environment variable, PRIMALINEA_ and its name, and a line of --config.
type cli struct {
	Config configFile `help:"Read flags from a YAML file: the flags' names and their values." placeholder:"FILE"`

	Serve   serveCmd   `cmd:"" default:"withargs" help:"Serve the site (what happens without a command)."`
	Check   checkCmd   `cmd:"" help:"Check a folder of articles; print what to mend, with file and line."`
	Import  importCmd  `cmd:"" help:"Turn exported questions and answers into articles."`
	Staff   staffCmd   `cmd:"" help:"Add, list, disable or reset people who work here."`
	Token   tokenCmd   `cmd:"" help:"Create, list or revoke tokens of the API."`
	Audit   auditCmd   `cmd:"" help:"Verify the record of who did what."`
	Backup  backupCmd  `cmd:"" help:"Write everything into one file, beside a running server or without."`
	Restore restoreCmd `cmd:"" help:"Make a site of a backup, in an empty data folder and database."`
	Routes  routesCmd  `cmd:"" help:"Print the addresses that the site answers."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// A usageError is a mistake in what was said to the program.
type usageError struct{ error }

// Unwrap returns what was wrong.
func (e usageError) Unwrap() error { return e.error }

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run returns the exit code: 0, 1 for what went wrong, 2 for wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	var c cli
	helped := false
	parser, err := kong.New(&c,
		kong.Name("primalinea"),
		kong.Description("A help centre and a support desk in one program."),
		kong.DefaultEnvars("PRIMALINEA"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.BindTo(stdout, (*io.Writer)(nil)),
	)
	if err != nil {
		fmt.Fprintln(stderr, "primalinea:", err)
		return 1
	}
	ctx, err := parser.Parse(args)
	if helped {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "primalinea:", oneLine(err))
		return 2
	}
	err = ctx.Run()
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "primalinea:", oneLine(err))
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

// oneLine says an error in one line of English.
func oneLine(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[*escalation.Error](err); ok && e.Kind != escalation.Fault {
		if theme, err := themes.Load(themes.Shipped()); err == nil {
			text = theme.Words.Speaker("en").TM(e.Reason, e.Args)
		}
	}
	return strings.Join(strings.Fields(text), " ")
}

// A configFile is where flags may be written down.
type configFile string

// BeforeResolve adds the file's lines to where kong looks for flags. What is
// said on the command line and in the environment goes before.
func (f configFile) BeforeResolve(k *kong.Kong, ctx *kong.Context, trace *kong.Path) error {
	path := string(ctx.FlagValue(trace.Flag).(configFile))
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(data, &values); err != nil {
		return fmt.Errorf("--config: %s: %w", path, err)
	}
	known := map[string]bool{}
	for _, node := range append([]*kong.Node{k.Model.Node}, k.Model.Children...) {
		for _, flag := range node.Flags {
			known[flag.Name] = true
		}
	}
	for name := range values {
		if !known[name] {
			return fmt.Errorf("--config: %s: there is no flag %q", path, name)
		}
	}
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		switch v := values[flag.Name].(type) {
		case nil:
			return nil, nil
		case []any: // as on the command line
			words := make([]string, len(v))
			for i, word := range v {
				words[i] = fmt.Sprint(word)
			}
			return strings.Join(words, ","), nil
		default:
			return fmt.Sprint(v), nil
		}
	}))
	return nil
}

type versionCmd struct{}

func (versionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, "primalinea", version)
	return err
}
