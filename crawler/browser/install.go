package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Install installs Chromium with apt-get, on Debian, Ubuntu and their kin, as
// root or through sudo. The caller has the user's consent. What apt-get prints
// goes to out. Elsewhere the error says what to do.
func Install(ctx context.Context, out io.Writer) error {
	release := osRelease()
	like := release["ID"] + " " + release["ID_LIKE"]
	if runtime.GOOS != "linux" || !strings.Contains(like, "debian") && !strings.Contains(like, "ubuntu") {
		return errors.New("a browser can only be installed for you on Debian and Ubuntu; " + advice(runtime.GOOS, release))
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("apt-get was not found; " + advice(runtime.GOOS, nil))
	}
	commands, err := aptCommands(release["ID"], os.Getuid(), exec.LookPath)
	if err != nil {
		return err
	}
	for _, args := range commands {
		if _, err := fmt.Fprintln(out, "+", strings.Join(args, " ")); err != nil {
			return fmt.Errorf("installing chromium: %w", err)
		}
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, out // sudo may ask for a password
		if err := cmd.Run(); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("installing chromium: %w", context.Cause(ctx))
			}
			return fmt.Errorf("installing chromium: %s: %w; see the lines above, mend it and try again", strings.Join(args, " "), err)
		}
	}
	path, err := Find("")
	if err != nil {
		return fmt.Errorf("chromium is installed but not found: %w", err)
	}
	if _, err := fmt.Fprintln(out, "installed:", path); err != nil {
		return fmt.Errorf("installing chromium: %w", err)
	}
	return nil
}

// aptCommands are run one after the other. Ubuntu's package is a wrapper around
// a snap under the old name.
func aptCommands(id string, uid int, look func(string) (string, error)) ([][]string, error) {
	name := "chromium"
	if id == "ubuntu" {
		name = "chromium-browser"
	}
	var prefix []string
	if uid != 0 {
		if _, err := look("sudo"); err != nil {
			return nil, fmt.Errorf("installing a browser needs root, and there is no sudo; as root, run: apt-get install %s", name)
		}
		prefix = []string{"sudo"}
	}
	apt := func(args ...string) []string {
		env := []string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get"}
		return append(append(append([]string{}, prefix...), env...), args...)
	}
	return [][]string{
		apt("update"),
		apt("install", "-y", "--no-install-recommends", name),
	}, nil
}
