package config

// Keys lists the keys of each section. The reader of a section takes its own
// list from here, so that nothing can be read that is not listed.
func Keys() map[string][]string {
	server := []string{"host", "port", "user", "password", "security", "ca_file"}
	return map[string][]string{
		"": {
			"shops", "reminders", "quiet", "limits", "buyers", "keep_contacts", "email", "sms", "inbox", "digest",
			"data", "key_file", "browser",
		},
		"shops": {
			"name", "recipe", "url", "user", "password", "totp", "zone", "visit", "auto_close", "order_link", "link_hosts",
			"title", "contact", "how_to_pay", "language", "region", "currency", "offline_payment", "max_pages_per_hour",
			"soft_opt_in", "address", "sign",
		},
		"reminders": {"mode", "steps", "sequences", "exclude", "texts"},
		"sequences": {"name", "shops", "payment", "buyers", "steps"},
		"steps":     {"step", "after", "before_close", "by", "template", "if", "offer", "max_lateness"},
		"by":        {"all"},
		"quiet":     {"from", "to"},
		"limits":    {"per_person", "min_gap"},
		"buyers":    {"levels", "lapsed"},
		"levels":    {"name", "orders", "spent"},
		"email":     append(server[:6:6], "limit", "from", "reply_to", "unsubscribe", "accounts", "dkim"),
		"accounts":  append(server[:6:6], "limit", "from"),
		"dkim":      {"domain", "selector", "key_file"},
		"sms": {
			"provider", "url", "user", "password", "from", "sign", "opt_out", "number", "price", "ca_file",
			"templates", "http", "replies",
		},
		"templates": {"code", "text", "kind", "params"},
		"http":      {"method", "url", "headers", "body", "accept", "reject", "later", "id"},
		"replies":   {"listen", "secret"},
		"inbox":     append(server[:6:6], "folder"),
		"digest":    {"at", "to", "language", "zone"},
		"browser":   {"path", "headed"},
		// A file of its own: see LoadCampaign.
		"campaign": {"name", "to", "shops", "text", "offer", "link", "by", "from", "until", "rate", "not_within"},
	}
}
