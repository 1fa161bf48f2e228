package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Find returns the path of Chrome, Chromium or Edge. A configured path (or name
// in PATH) is checked and used as it is. The error says what to install.
func Find(configured string) (string, error) {
	if configured != "" {
		path, err := exec.LookPath(configured)
		if err != nil {
			return "", fmt.Errorf("the configured browser %q can not be run: %w; give the path of Chrome, Chromium or Edge, or leave it out to have one found", configured, errors.Unwrap(err))
		}
		return absolute(path)
	}
	for _, candidate := range candidates(runtime.GOOS, os.Getenv) {
		if path, err := exec.LookPath(candidate); err == nil {
			return absolute(path)
		}
	}
	return "", errors.New("no Chrome, Chromium or Edge was found; " + advice(runtime.GOOS, osRelease()))
}

func absolute(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding chrome: %w", err)
	}
	return abs, nil
}

// candidates are the names and paths that browsers are installed under. A snap
// comes last: it sees only parts of the file system.
func candidates(goos string, getenv func(string) string) []string {
	switch goos {
	case "darwin":
		var list []string
		for _, root := range []string{"/Applications", filepath.Join(getenv("HOME"), "Applications")} {
			for _, app := range []string{"Google Chrome", "Chromium", "Microsoft Edge"} {
				list = append(list, root+"/"+app+".app/Contents/MacOS/"+app)
			}
		}
		return append(list, "chromium", "google-chrome")
	case "windows":
		var list []string
		for _, program := range []string{`Google\Chrome\Application\chrome.exe`, `Chromium\Application\chrome.exe`, `Microsoft\Edge\Application\msedge.exe`} {
			for _, root := range []string{"PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"} {
				if dir := getenv(root); dir != "" {
					list = append(list, dir+`\`+program)
				}
			}
		}
		return append(list, "chrome.exe", "msedge.exe")
	}
	return []string{
		"chromium", "google-chrome-stable", "google-chrome", "chromium-browser",
		"microsoft-edge-stable", "microsoft-edge", "chrome", "headless-shell", "headless_shell",
		"/opt/google/chrome/chrome", "/usr/lib/chromium/chromium", "/usr/lib64/chromium-browser/chromium-browser",
		"org.chromium.Chromium", "com.google.Chrome", // flatpak puts these into its bin
		"/var/lib/flatpak/exports/bin/org.chromium.Chromium", "/var/lib/flatpak/exports/bin/com.google.Chrome",
		"/snap/bin/chromium",
	}
}

// advice says what to do on a system without a browser.
func advice(goos string, release map[string]string) string {
	switch goos {
	case "darwin":
		return "install one: brew install --cask chromium (or Google Chrome from google.com/chrome), or give its path in the config"
	case "windows":
		return "install one: winget install Google.Chrome (Edge, which Windows brings along, does too), or give its path in the config"
	}
	switch like := release["ID"] + " " + release["ID_LIKE"]; {
	case strings.Contains(like, "debian"), strings.Contains(like, "ubuntu"):
		return "install one: nudged browser install (or: sudo apt-get install chromium), or give its path in the config"
	case strings.Contains(like, "fedora"), strings.Contains(like, "rhel"):
		return "install one: sudo dnf install chromium, or give its path in the config"
	case strings.Contains(like, "suse"):
		return "install one: sudo zypper install chromium, or give its path in the config"
	case strings.Contains(like, "arch"):
		return "install one: sudo pacman -S chromium, or give its path in the config"
	}
	return "install one with your package manager (Debian, Ubuntu: sudo apt-get install chromium; Fedora: sudo dnf install chromium), or give its path in the config"
}

// osRelease reads /etc/os-release; what is not there is empty.
// https://www.freedesktop.org/software/systemd/man/os-release.html
func osRelease() map[string]string {
	src, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return nil
	}
	return parseRelease(string(src))
}

func parseRelease(src string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(src) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			values[key] = strings.Trim(value, `"'`)
		}
	}
	return values
}
