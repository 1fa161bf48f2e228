package extract_test
import ("testing";"nudged/crawler/recipe";"nudged/crawler/extract")
func TestZZ(t *testing.T){
 for _, b := range []string{
 `<div class=row><span>Phone</span><span></span></div><div class=row><span>Shop phone</span><span>+44 20 7946 0958</span></div>`,
 `<ul><li><b>Phone:</b> </li><li><b>Agent phone:</b> +44 20 7946 0958</li></ul>`,
 `<p><b>Phone:</b></p><p>Agent phone: +44 20 7946 0958</p>`,
 `<p>Phone:</p><p>+44 20 7946 0958</p>`,
 `<table><tr><td>Phone</td><td></td></tr><tr><td>Agent</td><td>+44 20 7946 0958</td></tr></table>`,
 `<table><tr><td>Phone</td><td>&nbsp;</td></tr><tr><td>Fax</td><td>+44 20 7946 0958</td></tr></table>`,
 `<table><tr><th>Phone</th><td></td></tr><tr><th>Fax</th><td>+44 20 7946 0958</td></tr></table>`,
 `<dl><dt>Phone</dt><dd></dd><dt>Fax</dt><dd>+44 20 7946 0958</dd></dl>`,
 `<dl><div><dt>Phone</dt><dd></dd></div><div><dt>Fax</dt><dd>+44 20 7946 0958</dd></div></dl>`,
 `<div><label>Phone</label><span></span></div><div><label>Agent</label><span>+44 20 7946 0958</span></div>`,
 `<div><span>Phone</span><span></span><span>Agent</span><span>+44 20 7946 0958</span></div>`,
 `<table><thead><tr><th>Phone</th><th>Fax</th></tr></thead><tbody><tr><td></td><td>+44 20 7946 0958</td></tr></tbody></table>`,
 `<table><tr><td>Phone</td><td></td><td>Agent</td><td>+44 20 7946 0958</td></tr></table>`,
 `<div class=row><div>Phone</div><div></div></div><div class=row><div>+44 20 7946 0958</div></div>`,
 `<strong>Phone:</strong><br><strong>Agent</strong> +44 20 7946 0958`,
 `<div><b>Phone:</b></div><div><b>Agent:</b> +44 20 7946 0958</div>`,
 `<tr><td><b>Phone</b></td><td></td></tr>`,
 }{
  v := recipe.Value{Label: []string{"Phone"}}
  s, ok := extract.Text(&v, recipe.Page{URL:"https://s.test/", Status:200, Type:"text/html", Body: []byte("<html><body>"+b+"</body></html>")}, extract.Env{})
  t.Logf("%q %v  <- %s", s, ok, b)
 }
}
