package browser

import (
	"bytes"
	"image/png"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// readQR returns what a QR code in a picture says; "" if there is none that can
// be read. The picture is the shop's, and its reader was not written for
// strangers: a panic of it is a code that can not be read.
func readQR(picture []byte) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return ""
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return ""
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	found, err := qrcode.NewQRCodeReader().Decode(bits, hints)
	if err != nil {
		return ""
	}
	return found.GetText()
}
