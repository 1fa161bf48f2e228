package config

// Nearest is the known word that was probably meant; "" if none is near.
func Nearest(typed string, known []string) string { return nearest(typed, known) }
