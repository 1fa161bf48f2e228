package recipe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"
)

// readOnlyGraphQL returns nil if a POST body is GraphQL over HTTP and holds
// nothing but queries: one operation, an array of them, or a bare document.
// https://graphql.github.io/graphql-over-http/draft/
func readOnlyGraphQL(headers map[string]string, body []byte) error {
	if enc := headerOf(headers, "Content-Encoding"); enc != "" && enc != "identity" {
		return errors.New("its body is compressed")
	}
	if !utf8.Valid(body) {
		return errors.New("its body is not UTF-8")
	}
	media, params, err := mime.ParseMediaType(headerOf(headers, "Content-Type"))
	if err != nil {
		return errors.New("its body has no content type")
	}
	if cs := params["charset"]; cs != "" && !strings.EqualFold(cs, "utf-8") {
		return fmt.Errorf("its body claims the charset %q", clip(cs, 20))
	}
	switch media {
	case "application/graphql":
		return readOnlyDocument(string(body))
	case "application/json", "application/graphql+json":
		return readOnlyOperations(body)
	}
	return fmt.Errorf("a GraphQL body is not %q", clip(media, 40))
}

func readOnlyOperations(body []byte) error {
	batch := [][]byte{body}
	if b := bytes.TrimLeft(body, " \t\r\n"); len(b) > 0 && b[0] == '[' {
		var raw []json.RawMessage
		if err := json.Unmarshal(b, &raw); err != nil {
			return errors.New("its body is not JSON")
		}
		if len(raw) == 0 {
			return errors.New("its body holds no operation")
		}
		batch = batch[:0]
		for _, r := range raw {
			batch = append(batch, r)
		}
	}
	for _, op := range batch {
		if err := readOnlyOperation(op); err != nil {
			return err
		}
	}
	return nil
}

// readOnlyOperation reads the members one by one: a server may take the first
// of two "query" members where encoding/json takes the last, and ours must not
// judge another document than the server runs.
func readOnlyOperation(src []byte) error {
	members, err := jsonMembers(src)
	if err != nil {
		return err
	}
	var query string
	if err := json.Unmarshal(members["query"], &query); err != nil || strings.TrimSpace(query) == "" {
		return errors.New("it holds no GraphQL document")
	}
	for name := range members {
		switch name {
		case "query", "variables", "operationName", "extensions":
		default:
			return fmt.Errorf("its body has a member %q, which GraphQL over HTTP does not know", clip(name, 40))
		}
	}
	if err := persistedFits(members["extensions"], query); err != nil {
		return err
	}
	return readOnlyDocument(query)
}

// readOnlyDocument says less than GraphQLReadOnly: its words end in a log, and a
// parser quotes the text it stumbles over.
func readOnlyDocument(document string) error {
	if GraphQLReadOnly(document) != nil {
		return errors.New("its GraphQL document is not only plain queries")
	}
	return nil
}

// persistedFits refuses a hash that names another document than the one given.
func persistedFits(extensions json.RawMessage, query string) error {
	if len(extensions) == 0 || string(extensions) == "null" {
		return nil
	}
	members, err := jsonMembers(extensions)
	if err != nil {
		return err
	}
	persisted, ok := members["persistedQuery"]
	if !ok {
		return nil
	}
	fields, err := jsonMembers(persisted)
	if err != nil {
		return err
	}
	var hash string
	sum := sha256.Sum256([]byte(query))
	if err := json.Unmarshal(fields["sha256Hash"], &hash); err != nil || !strings.EqualFold(hash, hex.EncodeToString(sum[:])) {
		return errors.New("its persisted query is not the document that it carries")
	}
	return nil
}

// jsonMembers splits an object, and refuses what two parsers could read in two
// ways: members that repeat, in whatever case, and text after the object.
func jsonMembers(src []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(src))
	notJSON := errors.New("its body is not a JSON object")
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, notJSON
	}
	members, seen := map[string]json.RawMessage{}, map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, notJSON
		}
		folded := strings.ToLower(name)
		if seen[folded] {
			return nil, fmt.Errorf("its body has the member %q twice", clip(name, 40))
		}
		seen[folded] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, notJSON
		}
		members[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, notJSON
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, notJSON
	}
	return members, nil
}
