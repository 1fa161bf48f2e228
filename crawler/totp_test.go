package crawler_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nudged/crawler"
	"nudged/crawler/demoshop"
	"nudged/store/order"
)

func TestOneTimeCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Nothing here may touch the network: the clock is synctest's.
		from := time.Now()
		d := crawler.NewCodes(time.Now)
		first, err := d.Code(t.Context(), totpSecret)
		if err != nil || len(first) != 6 {
			t.Fatalf("%q, %v", first, err)
		}
		again, err := d.Code(t.Context(), totpSecret)
		if err != nil || again == first || time.Since(from) > 31*time.Second || time.Since(from) == 0 {
			t.Errorf("the second code is %q after %q, %s later, %v", again, first, time.Since(from), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := d.Code(ctx, totpSecret); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait that is stopped: %v", err)
		}
		if other, err := d.Code(t.Context(), "JBSWY3DPEHPK3PXP"); err != nil || other == "" {
			t.Errorf("another secret has to wait too: %v", err)
		}
		if _, err := d.Code(t.Context(), "1 not base32 8"); err == nil || strings.Contains(err.Error(), "not base32 8") {
			t.Errorf("a bad secret: %v", err)
		}
	})
}

func TestTOTPVectors(t *testing.T) {
	// RFC 6238, appendix B, SHA1, the last six of its eight digits.
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"} {
		d := crawler.NewCodes(func() time.Time { return time.Unix(at, 0) })
		if got, err := d.Code(t.Context(), totpSecret); got != want || err != nil {
			t.Errorf("at %d: %q, %v, want %q", at, got, err, want)
		}
	}
	for _, bad := range []order.Secret{"", "   ", "0189", "äöü"} {
		if crawler.CheckTOTP(bad) == nil {
			t.Errorf("%q passes", bad.Reveal())
		}
	}
	if err := crawler.CheckTOTP(totpSecret); err != nil {
		t.Error(err)
	}
}

func TestSignInWithCode(t *testing.T) {
	o := demoshop.Options{Door: demoshop.Door{TOTP: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}
	r := newRig(t, o, door(t, withCode))
	r.shop.TOTP = totpSecret
	r.compare(r.must(false).Orders)
	if r.demo.Refusals() != 0 {
		t.Errorf("%d codes were refused", r.demo.Refusals())
	}
	if strings.Contains(r.log.String(), "GEZD") || strings.Contains(r.log.String(), "gezd") {
		t.Error("the log holds the secret")
	}

	// The same recipe where no code is asked for: the step is left out.
	plain := newRig(t, demoshop.Options{}, door(t, withCode))
	plain.must(false)

	// No secret in the config.
	without := newRig(t, o, door(t, withCode))
	result, err := without.visit(false)
	if result.Outcome != order.NeedsYou || !strings.Contains(err.Error(), "totp:") {
		t.Errorf("outcome %q, %v", result.Outcome, err)
	}
	// A bad one is the seller's to mend; nothing leaks.
	without.shop.TOTP = "bad-secret-0189"
	if _, err = without.visit(false); err == nil || !strings.Contains(err.Error(), "base32") || strings.Contains(err.Error(), "0189") {
		t.Errorf("%v", err)
	}
}
