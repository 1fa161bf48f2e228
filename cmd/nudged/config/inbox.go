package config

// inbox reads the mailbox that bounces and answers come to.
func (l *loader) inbox(v value) {
	if !v.there() {
		return
	}
	m, ok := v.mapping("inbox")
	if !ok {
		return
	}
	s := l.server(m, serverKind{
		host: "the mailbox's server, as host: imap.buckles.example", standard: TLS,
		ports: map[Security]int{TLS: 993, StartTLS: 143, NoTLS: 143}, mend: "write tls or starttls",
	})
	if !m.get("user").there() && !m.get("password").there() {
		m.problem("a mailbox needs user and password; write both")
	}
	l.cfg.Inbox = &Inbox{
		Host: s.Host, Port: s.Port, User: s.User, Password: s.Password, Security: s.Security, CAFile: s.CAFile, Folder: "INBOX",
	}
	if name, ok := m.get("folder").short(200); ok && name != "" {
		l.cfg.Inbox.Folder = name
	}
}
