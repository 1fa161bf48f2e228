package config

// Keys lists the keys of each section. The reader of a section takes its own
// list from here, so that nothing can be read that is not listed.
func Keys() map[string][]string {
	return map[string][]string{
		"": {"shops", "reminders", "quiet", "email", "digest", "data", "key_file", "browser"},
		"shops": {
			"name", "recipe", "url", "user", "password", "totp", "zone", "visit", "auto_close", "order_link", "link_hosts",
			"title", "contact", "how_to_pay", "language", "region", "currency", "offline_payment", "max_pages_per_hour",
		},
		"reminders": {"mode", "steps"},
		"steps":     {"step", "after", "before_close", "by", "template", "max_lateness"},
		"quiet":     {"from", "to"},
		"email":     {"host", "port", "user", "password", "from", "reply_to", "unsubscribe", "security", "ca_file"},
		"digest":    {"at", "to", "language", "zone"},
		"browser":   {"path", "headed"},
	}
}
