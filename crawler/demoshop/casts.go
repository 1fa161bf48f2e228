package demoshop

import (
	"fmt"
	"strings"
)

// Harbour is a shop of things for the house, with buyers from many countries who
// read English.
func Harbour() Cast {
	return Cast{
		Prefix: "HG", First: 2101, Code: "USD", Payments: []string{"Card", "Wallet", "Card"}, Daily: []int{4, 4, 5, 4, 5, 7, 7}, Seed: 21,
		Goods: []Line{
			{Title: "Brass belt buckle", SKU: "BB-01", Minor: 2490}, {Title: "Oak desk lamp", SKU: "OL-07", Minor: 8900},
			{Title: "Linen apron, navy", SKU: "LA-12", Minor: 2990}, {Title: "Enamel mug \"Fjord\"", SKU: "EM-03", Minor: 1190},
			{Title: "Wool blanket, moss", SKU: "WB-22", Minor: 12900}, {Title: "Rope doormat", SKU: "RD-05", Minor: 3450},
			{Title: "Cast-iron teapot", SKU: "CT-09", Minor: 6400}, {Title: "Beeswax candles, six", SKU: "BC-06", Minor: 1850},
		},
		People: people("harbour", 90, `
			Ada Jean-Luc Priya Søren María Owen Hương Hannah Noah Zoë Kwame Ingrid Luca Grace Tomasz Aisha Daniel Sofia James
			Yuki Chloé Rafael Anna Ben Mei Oscar Fatima Liam Elena Hugo Ruth Felix Isla Marco Nina Theo`, `
			Lindqvist Moreau Raman Østergård Núñez Hughes Lê Fischer Williams Papadaki Mensah Solberg Ferrari Zieliński Khan Cohen
			Almeida O'Neill Tanaka Dubois Costa Kowalska Taylor Wong Nilsson Murphy Petrova Martin Adeyemi Wagner Campbell`, " "),
	}
}

// TeaHouse is a tea shop with Chinese buyers.
func TeaHouse() Cast {
	return Cast{
		Prefix: "CP", First: 5301, Code: "CNY", Payments: []string{"Wallet", "Card"}, Daily: []int{3, 3, 3, 3, 4, 5, 5}, Seed: 8,
		Goods: []Line{
			{Title: "明前龙井 100 克", SKU: "LJ-100", Minor: 26800}, {Title: "正山小种 250 克", SKU: "ZS-250", Minor: 15800},
			{Title: "白牡丹茶饼", SKU: "BM-300", Minor: 19800}, {Title: "青瓷盖碗", SKU: "GW-02", Minor: 12800},
			{Title: "竹制茶盘", SKU: "CP-05", Minor: 32800}, {Title: "茉莉花茶 200 克", SKU: "ML-200", Minor: 8800},
		},
		People: people("teahouse", 56, "王 李 张 陈 刘 赵 黄 周 吴 郑 孙 马 朱 胡 林 何 郭 罗 梁 宋 唐 许 邓",
			"小明 静 伟 思远 洋 雨桐 志强 晓燕 昊 雅文 丽 俊杰 琳 建国 佳怡 欣 子轩 梦 文博 诗雨 雪", ""),
	}
}

// people combines n names. Their addresses lead nowhere.
func people(shop string, n int, first, second, between string) []Person {
	firsts, seconds := strings.Fields(first), strings.Fields(second)
	out := make([]Person, n)
	for i := range out {
		// The second part runs on by seven more each time that the first one begins
		// anew, so that no name comes twice.
		out[i] = Person{
			Name:  firsts[i%len(firsts)] + between + seconds[(i+i/len(firsts)*7)%len(seconds)],
			Email: fmt.Sprintf("%s%02d@buyers.example", shop, i+1),
		}
	}
	return out
}
