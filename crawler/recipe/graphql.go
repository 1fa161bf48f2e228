package recipe

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// maxTokens bounds a GraphQL document: the longest query of a known admin
// interface has some 3,000.
const maxTokens = 20_000

// GraphQLReadOnly reports why a GraphQL document could change something: it
// does not parse, holds no operation, or holds one that is not a query. Every
// operation counts, not only the one that the request names.
func GraphQLReadOnly(document string) error {
	doc, err := parseGraphQL(document)
	if err != nil {
		return err
	}
	for _, op := range doc.Operations {
		if op.Operation != ast.Query {
			return fmt.Errorf("the GraphQL document holds a %s %q; only queries may be sent", op.Operation, op.Name)
		}
	}
	return nil
}

func parseGraphQL(document string) (*ast.QueryDocument, error) {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: document}, maxTokens)
	if err != nil {
		return nil, fmt.Errorf("the GraphQL document does not parse: %w", err)
	}
	if len(doc.Operations) == 0 {
		return nil, errors.New("the GraphQL document holds no operation")
	}
	return doc, nil
}

// graphQLParses is for a sign-in, which may be a mutation.
func graphQLParses(document string) error {
	_, err := parseGraphQL(document)
	return err
}
