package inbox_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"nudged/notify/inbox"
	"nudged/store/order"
)

// imapServer speaks as much IMAP as the reader needs and lets a test break it.
// It notes every command, so that a test can see that none of them writes.
type imapServer struct {
	t        *testing.T
	addr     string
	validity uint32

	mu       sync.Mutex
	mails    map[uint32][]byte
	sorted   []uint32 // their numbers
	commands []string
	conns    []net.Conn

	// greeting, search and fetch replace what is said; fetch says true if it has answered.
	greeting string
	caps     string // after IMAP4rev1
	search   string
	fetch    func(c *imapConn, tag string, uid uint32) bool
}

type imapConn struct {
	net.Conn
	r *bufio.Reader
}

func (c *imapConn) say(format string, args ...any) { _, _ = fmt.Fprintf(c, format+"\r\n", args...) }

// startIMAP starts one; with a TLS config it speaks TLS from the first byte.
func startIMAP(t *testing.T, secure ...*tls.Config) *imapServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, cfg := range secure {
		l = tls.NewListener(l, cfg)
	}
	s := &imapServer{t: t, addr: l.Addr().String(), validity: 7, mails: map[uint32][]byte{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			all.Go(func() { s.serve(&imapConn{c, bufio.NewReader(c)}) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.mu.Lock()
		for _, c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		all.Wait()
	})
	return s
}

// change changes what it says from now on.
func (s *imapServer) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// script is what it says instead of the usual.
func (s *imapServer) script() (validity uint32, greeting, search string, fetch func(*imapConn, string, uint32) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.validity, s.greeting, s.search, s.fetch
}

func (s *imapServer) offers() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.caps
}

func (s *imapServer) options() inbox.Options {
	_, port, _ := strings.Cut(s.addr, ":")
	n, _ := strconv.Atoi(port)
	return inbox.Options{Host: "127.0.0.1", Port: n, User: "shop", Password: "canary-password", Security: "none", Own: own}
}

func (s *imapServer) mailbox(t *testing.T, change ...func(*inbox.Options)) *inbox.Mailbox {
	t.Helper()
	o := s.options()
	for _, c := range change {
		c(&o)
	}
	m, err := inbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// add delivers replies of buyers, one for each number.
func (s *imapServer) add(uids ...uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, uid := range uids {
		s.mails[uid] = []byte(strings.Replace(string(reply("Re: x", plain, fmt.Sprintf("words %d", uid))), "<r1@", fmt.Sprintf("<r%d@", uid), 1))
	}
}

func (s *imapServer) uids() []uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sorted) != len(s.mails) {
		s.sorted = slices.Sorted(maps.Keys(s.mails))
	}
	return s.sorted
}

func (s *imapServer) serve(c *imapConn) {
	defer func() { _ = c.Close() }()
	if _, greeting, _, _ := s.script(); greeting != "" {
		c.say("%s", greeting)
	} else {
		c.say("* OK [CAPABILITY IMAP4rev1 ID%s] ready", s.offers())
	}
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		s.mu.Lock()
		s.commands = append(s.commands, command)
		s.mu.Unlock()
		if !s.answer(c, tag, command) {
			return
		}
	}
}

func (s *imapServer) answer(c *imapConn, tag, command string) bool {
	verb, args, _ := strings.Cut(command, " ")
	switch verb {
	case "LOGIN":
		if args != `"shop" "canary-password"` {
			c.say("%s NO [AUTHENTICATIONFAILED] shop may not use %s", tag, args)
			return true
		}
		c.say("%s OK [CAPABILITY IMAP4rev1 ID] in", tag)
	case "AUTHENTICATE":
		c.say("+ ")
		line, _ := c.r.ReadString('\n')
		if plain, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(line)); string(plain) != "\x00shop\x00canary-password" {
			c.say("%s NO [AUTHENTICATIONFAILED] no", tag)
			return true
		}
		c.say("%s OK in", tag)
	case "CAPABILITY":
		c.say("* CAPABILITY IMAP4rev1 ID%s", s.offers())
		c.say("%s OK done", tag)
	case "EXAMINE":
		next := uint32(1)
		validity, _, _, _ := s.script()
		if all := s.uids(); len(all) > 0 {
			next = all[len(all)-1] + 1
		}
		c.say("* %d EXISTS", len(s.uids()))
		c.say("* OK [UIDVALIDITY %d] x", validity)
		c.say("* OK [UIDNEXT %d] x", next)
		c.say("%s OK [READ-ONLY] open", tag)
	case "UID":
		return s.uid(c, tag, args)
	case "LOGOUT":
		c.say("* BYE")
		c.say("%s OK", tag)
		return false
	case "ID":
		c.say("* ID NIL")
		c.say("%s OK", tag)
	default:
		c.say("%s BAD unknown command", tag)
	}
	return true
}

func (s *imapServer) uid(c *imapConn, tag, args string) bool {
	verb, rest, _ := strings.Cut(args, " ")
	_, _, search, fetch := s.script()
	if verb == "SEARCH" {
		switch from, found := strings.CutPrefix(rest, "UID "); {
		case search != "":
			c.say("%s", strings.ReplaceAll(search, "{tag}", tag))
		default:
			first := 1
			if found {
				first, _ = strconv.Atoi(strings.TrimSuffix(strings.Trim(from, "()"), ":*"))
			}
			var out strings.Builder
			for i, uid := range s.uids() {
				if int(uid) >= first || found && i == len(s.uids())-1 { // n:* always names the last one
					fmt.Fprintf(&out, " %d", uid)
				}
			}
			c.say("* SEARCH%s", &out)
		}
		c.say("%s OK done", tag)
		return true
	}
	set, _, _ := strings.Cut(rest, " ")
	for i, uid := range s.uids() {
		if !inSet(set, uid) {
			continue
		}
		if fetch != nil && fetch(c, tag, uid) {
			return true
		}
		s.send(c, i+1, uid)
	}
	c.say("%s OK done", tag)
	return true
}

// send sends the part of a mail that is asked for.
func (s *imapServer) send(c *imapConn, seq int, uid uint32) {
	s.mu.Lock()
	raw := s.mails[uid]
	s.mu.Unlock()
	raw = raw[:min(len(raw), 256<<10)]
	c.say("* %d FETCH (UID %d INTERNALDATE \"22-Nov-2026 05:30:00 +0000\" BODY[]<0> {%d}\r\n%s)", seq, uid, len(raw), raw)
}

func inSet(set string, uid uint32) bool {
	for part := range strings.SplitSeq(set, ",") {
		first, last, isRange := strings.Cut(part, ":")
		a, _ := strconv.Atoi(first)
		b := a
		if isRange {
			b, _ = strconv.Atoi(last)
		}
		if int(uid) >= a && int(uid) <= b {
			return true
		}
	}
	return false
}

// said are the commands that came, without their arguments.
func (s *imapServer) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// refs gives a take that keeps the refs, and the refs.
func refs() (func(order.Back) error, *[]string) {
	var got []string
	return func(b order.Back) error {
		got = append(got, b.Ref)
		return nil
	}, &got
}
