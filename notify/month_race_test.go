//go:build race

package notify_test

// monthOrders is smaller under the race detector, which has nothing to find in
// the number of orders.
const monthOrders = 1_000
