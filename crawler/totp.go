package crawler

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"nudged/store/order"
)

// codeEvery is how long a one-time code is good (RFC 6238: 30 seconds).
const codeEvery = 30 * time.Second

// codes remembers which one-time code was used last: a shop refuses one that
// comes a second time, and may take it for an attack.
type codes struct {
	of   order.Secret
	last int64 // number of the code's window since 1970
}

// recall the last code of an earlier run of the program.
func (c *codes) recall(of order.Secret, last int64) {
	if c.last == 0 {
		*c = codes{of: of, last: last}
	}
}

// CheckTOTP says what is wrong with the secret of one-time codes, without
// repeating it. Blanks and small letters, as shops show them, are fine.
func CheckTOTP(secret order.Secret) error {
	_, err := codeOf(secret, 1)
	return err
}

func codeOf(secret order.Secret, window int64) (string, error) {
	plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\t", "", "\n", "").Replace(secret.Reveal()))
	plain = strings.TrimRight(plain, "=")
	if key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(plain); err != nil || len(key) == 0 {
		return "", errors.New("the secret of the one-time codes is not base32 (letters A to Z and digits 2 to 7); copy the text that the shop shows beside its QR code")
	}
	code, err := totp.GenerateCode(plain, time.Unix(window*int64(codeEvery/time.Second), 0))
	if err != nil {
		return "", errors.New("no one-time code can be made of the configured secret")
	}
	return code, nil
}

// code gives the one-time code of now, or of the next half minute if this one's
// was used already: then it waits for it.
func (t *trip) code(ctx context.Context) (string, error) {
	used := &t.d.codes
	if used.of != t.shop.TOTP {
		*used = codes{of: t.shop.TOTP}
	}
	now := t.s.o.Now()
	window := max(now.Unix()/int64(codeEvery/time.Second), used.last+1)
	code, err := codeOf(t.shop.TOTP, window)
	if err != nil {
		return "", fmt.Errorf("shop %s: %w", t.shop.Name, err)
	}
	if wait := time.Unix(window*int64(codeEvery/time.Second), 0).Sub(now); wait > codeEvery {
		// Only a clock that was set back leads here.
		used.last, window = 0, now.Unix()/int64(codeEvery/time.Second)
		if code, err = codeOf(t.shop.TOTP, window); err != nil {
			return "", fmt.Errorf("shop %s: %w", t.shop.Name, err)
		}
	} else if wait > 0 {
		t.log.Info("waiting for a one-time code that was not used yet", "step", "sign-in", "dur", wait)
		if err := sleep(ctx, wait); err != nil {
			return "", err
		}
	}
	used.last = window
	return code, nil
}
