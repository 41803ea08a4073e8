package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// contract reads what the API promises.
func contract(t *testing.T) routers.Router {
	t.Helper()
	src, err := os.ReadFile("../../portal/api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	// The router of this library takes no slash in a path parameter; keys have them.
	doc, err := openapi3.NewLoader().LoadFromData(bytes.ReplaceAll(src, []byte("/articles/{key}:"), []byte("/articles/{key:.+}:")))
	if err != nil {
		t.Fatal(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return router
}

// TestContract holds the description itself to the rules of its format.
func TestContract(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../portal/api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

// keeps holds a request that was taken, and every answer, against what the API
// promises.
func keeps(t *testing.T, router routers.Router, r *http.Request, sent string, resp *http.Response, body []byte) {
	t.Helper()
	r = r.Clone(t.Context())
	r.Body = io.NopCloser(strings.NewReader(sent))
	route, params, err := router.FindRoute(r)
	if err != nil {
		if resp.StatusCode < 400 {
			t.Errorf("%s %s is answered and not described: %v", r.Method, r.URL.Path, err)
		}
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}}
	if resp.StatusCode < 400 {
		if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil {
			t.Errorf("%s %s is taken, but not as described: %v", r.Method, r.URL.Path, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Options: &openapi3filter.Options{
		IncludeResponseStatus: true,
	}}
	if err := openapi3filter.ValidateResponse(t.Context(), out.SetBodyBytes(body)); err != nil {
		t.Errorf("%s %s answers not as described: %v", r.Method, r.URL.Path, err)
	}
}
