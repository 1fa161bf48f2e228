package browser

import (
	"io"
	"os"
	"runtime"
	"slices"

	"github.com/chromedp/chromedp"
)

// flags are the command line of Chrome: quiet, contained, and without the ways
// out that the guard can not see (doc.go tells which).
func (b *Browser) flags(said io.Writer) []chromedp.ExecAllocatorOption {
	opts := slices.Clone(chromedp.DefaultExecAllocatorOptions[:])
	if b.opts.Headed {
		opts = append(opts, chromedp.VisibleWindow)
	} else {
		opts = append(opts, chromedp.Flag("headless", "new"), chromedp.WindowSize(1440, 1000))
	}
	if os.Getuid() == 0 {
		b.log.Warn("chrome runs as root, without its sandbox; run nudged as an unprivileged user")
	}
	opts = append(opts,
		chromedp.ExecPath(b.opts.Path),
		chromedp.UserDataDir(b.profile.data),
		chromedp.CombinedOutput(said),
		chromedp.ModifyCmdFunc(contain),
		chromedp.NoInheritEnv, chromedp.Env(environment()...),
		chromedp.Flag("lang", b.opts.Language),
		chromedp.Flag("accept-lang", b.opts.Language),
		// Only a click opens a window: a page that opens them by itself does so
		// faster than they can be closed.
		chromedp.Flag("disable-popup-blocking", false),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("disable-crash-reporter", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,"+
			"Reporting,NetworkErrorLogging,FetchLaterAPI,BackgroundFetch,Prerender2,PrivateAggregation,"+
			// A page that is left is not needed again, nor held back until it looks finished.
			"BackForwardCache,PaintHolding,RenderDocument"),
		chromedp.Flag("mute-audio", true),
		chromedp.Flag("disable-blink-features", "BackgroundFetch,FetchLaterAPI"),
		chromedp.Flag("webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		// Chrome asks the "socks" proxy for WebSockets and for nothing else
		// here, since http and https have an entry of their own.
		chromedp.Flag("proxy-server", "http=direct://;https=direct://;socks=http://"+b.wall.address()),
		chromedp.Flag("proxy-bypass-list", "<-loopback>"),
	)
	if b.opts.LoopbackOnly {
		opts = append(opts, chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"))
	}
	return opts
}

// preferences of a new profile. Speculation rules prefetch past Fetch
// interception; only the user's "no preloading" (2) turns that off.
const preferences = `{
  "net": {"network_prediction_options": 2},
  "webrtc": {"ip_handling_policy": "disable_non_proxied_udp"},
  "credentials_enable_service": false,
  "profile": {"password_manager_enabled": false, "default_content_setting_values": {"notifications": 2, "geolocation": 2, "background_sync": 2}},
  "autofill": {"enabled": false},
  "translate": {"enabled": false},
  "search": {"suggest_enabled": false}
}`

// environment is what Chrome needs of ours; the rest may hold secrets.
func environment() []string {
	var env []string
	for _, name := range []string{
		"HOME", "PATH", "LANG", "LC_ALL", "LANGUAGE", "TZ", "TMPDIR",
		"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
		"TEMP", "TMP", "LOCALAPPDATA", "APPDATA", "USERPROFILE", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMDATA", "SYSTEMDRIVE", "SYSTEMROOT", "WINDIR",
	} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return append(env, shortTemp(runtime.GOOS, os.TempDir())...)
}

// socketName is as long as what Chrome appends to the temporary directory to
// name its socket: /.org.chromium.Chromium.XXXXXX/SingletonSocket. An address of
// a socket holds 103 bytes on macOS and 107 on Linux; Chrome does not start with
// a longer one.
const socketName = 46

// shortTemp gives Chrome another temporary directory where ours is too long.
func shortTemp(goos, dir string) []string {
	if goos == "windows" || len(dir)+socketName <= 103 {
		return nil
	}
	return []string{"TMPDIR=/tmp"}
}
