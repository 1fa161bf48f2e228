//go:build !race

package notify_test

const monthOrders = 10_000
