package browser

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// groupRuns reports whether a process of a group still runs. One that has ended,
// but that nobody has taken note of, does not.
func groupRuns(group int) bool {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		return true // nothing can be told
	}
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// 12 (a name) S 1 12 ...: state, parent and group follow the name, which
		// may hold anything (proc_pid_stat(5)).
		fields := bytes.Fields(line[bytes.LastIndexByte(line, ')')+1:])
		if len(fields) > 2 && string(fields[2]) == strconv.Itoa(group) && !bytes.ContainsAny(fields[0], "ZXx") {
			return true
		}
	}
	return false
}
