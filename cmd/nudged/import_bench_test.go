package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nudged/cmd/nudged/sheet"
	"nudged/store/order"
)

// importing types a command into a folder with a config of one shop.
type importing struct {
	dir      string
	out, err bytes.Buffer
}

const importConfig = `shops:
  - name: demo
    recipe: vendure
    url: http://127.0.0.1:1
    user: x
    password: {env: P}
    zone: Asia/Shanghai
    visit: 10m
    region: CN
    currency: CNY
data: %[1]s/data
key_file: %[1]s/key
`

func newImporting(t testing.TB) *importing {
	t.Helper()
	i := &importing{dir: t.TempDir()}
	i.file(t, "config.yaml", []byte(fmt.Sprintf(importConfig, i.dir)))
	return i
}

func (i *importing) file(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(i.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run gives the exit code.
func (i *importing) run(t testing.TB, stdin string, args ...string) int {
	t.Helper()
	i.out.Reset()
	i.err.Reset()
	return run(t.Context(), append([]string{"-c", filepath.Join(i.dir, "config.yaml")}, args...), world{
		stdin: strings.NewReader(stdin), stdout: &i.out, stderr: &i.err, now: time.Now, file: writeFile,
		lookupEnv: func(string) (string, bool) { return "", false },
	})
}

// manyOrders are as a shop exports them.
func manyOrders(t testing.TB, n int) []byte {
	t.Helper()
	titles := []string{"订单编号", "订单状态", "下单时间", "实付金额", "币种", "收货人", "联系手机", "邮箱", "宝贝标题", "支付方式"}
	start := time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)
	rows := func(yield func([]sheet.Cell) bool) {
		for i := range n {
			buyer := i % 9000
			if !yield([]sheet.Cell{
				sheet.OfText(fmt.Sprintf("20240000%06d", i)), sheet.OfText("交易成功"), sheet.OfTime(start.Add(time.Duration(i) * time.Hour / 2)),
				sheet.OfMoney(order.Money{Minor: int64(i%90000 + 100), Currency: "CNY"}), sheet.OfText("CNY"), sheet.OfText(fmt.Sprintf("买家%d", buyer)),
				sheet.OfText(fmt.Sprintf("1380000%04d", buyer)), sheet.OfText(fmt.Sprintf("b%d@example.com", buyer)),
				sheet.OfText(fmt.Sprintf("茶壶 %d号 x2; 茶杯", i%50)), sheet.OfText("支付宝"),
			}) {
				return
			}
		}
	}
	var out bytes.Buffer
	if err := sheet.WriteXLSX(&out, "订单", titles, rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkImport20000 takes in an Excel file of 20,000 orders, which has to be
// done in ten seconds.
func BenchmarkImport20000(b *testing.B) {
	const n, limit = 20_000, 10 * time.Second
	data := manyOrders(b, n)
	for b.Loop() {
		b.StopTimer()
		i := newImporting(b)
		list := i.file(b, "orders.xlsx", data)
		start := time.Now()
		b.StartTimer()
		if code := i.run(b, "", "import", "orders", list, "--yes"); code != 0 {
			b.Fatalf("exit code %d: %s", code, &i.err)
		}
		if want := fmt.Sprintf("%d orders: %d new", n, n); !strings.Contains(i.out.String(), want) {
			b.Fatalf("%s, want %s", &i.out, want)
		}
		if took := time.Since(start); took > limit {
			b.Errorf("%d orders took %s", n, took)
		}
	}
}

// BenchmarkExport writes as many out again.
func BenchmarkExport20000(b *testing.B) {
	i := newImporting(b)
	list := i.file(b, "orders.xlsx", manyOrders(b, 20_000))
	if code := i.run(b, "", "import", "orders", list, "--yes"); code != 0 {
		b.Fatalf("exit code %d: %s", code, &i.err)
	}
	for b.Loop() {
		if code := i.run(b, "", "export", "orders", filepath.Join(i.dir, "out.xlsx"), "--contacts", "--replace"); code != 0 {
			b.Fatalf("exit code %d: %s", code, &i.err)
		}
	}
}
