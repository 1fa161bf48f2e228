package browser

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestCandidates(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"HOME": "/Users/x", "PROGRAMFILES": `C:\Program Files`, "LOCALAPPDATA": `C:\Users\x\AppData\Local`}[name]
	}
	for goos, want := range map[string][]string{
		"linux":   {"chromium", "google-chrome", "microsoft-edge", "/snap/bin/chromium", "org.chromium.Chromium"},
		"darwin":  {"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Users/x/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"},
		"windows": {`C:\Program Files\Google\Chrome\Application\chrome.exe`, `C:\Users\x\AppData\Local\Chromium\Application\chrome.exe`, `C:\Program Files\Microsoft\Edge\Application\msedge.exe`},
	} {
		got := candidates(goos, env)
		for _, path := range want {
			if !slices.Contains(got, path) {
				t.Errorf("%s: %s is not looked for in %q", goos, path, got)
			}
		}
	}
}

func TestAdvice(t *testing.T) {
	for want, release := range map[string]string{
		"nudged browser install":        "ID=debian\n",
		"apt-get install chromium":      "PRETTY_NAME=\"x\"\nID=\"linuxmint\"\nID_LIKE=\"ubuntu debian\"\n",
		"sudo dnf install chromium":     "ID=fedora\nVERSION_ID=40\n",
		"with your package manager":     "garbage",
		"sudo zypper install chromium":  "ID=opensuse-leap\nID_LIKE='suse opensuse'\n",
		"pacman -S chromium":            "ID=arch\n",
		"Fedora: sudo dnf install chro": "",
	} {
		if got := advice("linux", parseRelease(release)); !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", release, got, want)
		}
	}
	if got := advice("darwin", nil); !strings.Contains(got, "brew install") {
		t.Error(got)
	}
	if got := advice("windows", nil); !strings.Contains(got, "winget install") {
		t.Error(got)
	}
}

func TestAptCommands(t *testing.T) {
	have := func(string) (string, error) { return "/usr/bin/sudo", nil }
	none := func(string) (string, error) { return "", errors.New("not found") }
	join := func(commands [][]string) (lines []string) {
		for _, c := range commands {
			lines = append(lines, strings.Join(c, " "))
		}
		return lines
	}
	root, err := aptCommands("debian", 0, none)
	want := []string{
		"env DEBIAN_FRONTEND=noninteractive apt-get update",
		"env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium",
	}
	if err != nil || !slices.Equal(join(root), want) {
		t.Errorf("%q, %v", join(root), err)
	}
	user, err := aptCommands("ubuntu", 1000, have)
	if lines := join(user); err != nil || !strings.HasPrefix(lines[0], "sudo env ") || !strings.HasSuffix(lines[1], " chromium-browser") {
		t.Errorf("%q, %v", lines, err)
	}
	if _, err := aptCommands("debian", 1000, none); err == nil || !strings.Contains(err.Error(), "as root, run: apt-get install chromium") {
		t.Error(err)
	}
}

func TestFindConfigured(t *testing.T) {
	for _, path := range []string{"/no/such/chrome", "no-such-chrome", t.TempDir()} {
		if _, err := Find(path); err == nil || !strings.Contains(err.Error(), "give the path of Chrome, Chromium or Edge") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestOperationIn(t *testing.T) {
	for body, want := range map[string]bool{
		`{"operationName":"Orders","query":"query Other{a}"}`: true,
		`{"query":"query Orders($n: Int) {a}"}`:               true,
		`{"query":"{a}"}`:                                     false,
		`{"operationName":"Other","query":"query Orders{a}"}`: false,
		`[{"operationName":"A"},{"operationName":"Orders"}]`:  true,
		`operationName=Orders`:                                false,
		``:                                                    false,
	} {
		if got := operationIn([]byte(body), "Orders"); got != want {
			t.Errorf("%s: %v", body, got)
		}
	}
}
