// The peer of `bench ledger`: golang.org/x/mod/sumdb/tlog doing what our kernels do, on the same leaves. It reads one word
// a line and answers one JSON object a line, so that both sides take turns. CPU time is that of the whole process, its
// garbage collector included, as it is on our side.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/mod/sumdb/tlog"
)

type storage struct{ hashes []tlog.Hash }

func (s *storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = s.hashes[x]
	}
	return out, nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func cpuNanos() int64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// record i is its number in eight bytes.
func record(i int64) []byte {
	var data [8]byte
	binary.BigEndian.PutUint64(data[:], uint64(i))
	return data[:]
}

// pick is the i-th index or size that is asked for: both sides know the same ones.
func pick(i int64, below int64) int64 {
	sum := sha256.Sum256(record(i))
	return int64(binary.BigEndian.Uint64(sum[:8])>>16) % below
}

func digest(proofs [][]tlog.Hash) string {
	all := sha256.New()
	for _, proof := range proofs {
		for _, hash := range proof {
			all.Write(hash[:])
		}
	}
	return base64.StdEncoding.EncodeToString(all.Sum(nil))
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, dep := range info.Deps {
			if dep.Path == "golang.org/x/mod" {
				return dep.Version
			}
		}
	}
	return "unknown"
}

type answer struct {
	Nanos  int64  `json:"nanos"`
	Digest string `json:"digest"`
	Text   string `json:"text,omitempty"`
}

// streamed is the root over many records with one hash a level kept.
func streamed(count int64) tlog.Hash {
	var peaks []tlog.Hash
	for i := int64(0); i < count; i++ {
		hash := tlog.RecordHash(record(i))
		for below := i; below&1 == 1; below >>= 1 {
			hash = tlog.NodeHash(peaks[len(peaks)-1], hash)
			peaks = peaks[:len(peaks)-1]
		}
		peaks = append(peaks, hash)
	}
	root := peaks[len(peaks)-1]
	for i := len(peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(peaks[i], root)
	}
	return root
}

func main() {
	leaves, err := strconv.ParseInt(os.Args[1], 10, 64)
	must(err)
	count, err := strconv.ParseInt(os.Args[2], 10, 64)
	must(err)
	leafHashes := make([]tlog.Hash, leaves)
	for i := range leafHashes {
		leafHashes[i] = tlog.RecordHash(record(int64(i)))
	}
	// Indexes and older sizes that are asked for, known before the clock runs.
	picks := make([]int64, count)
	for i := range picks {
		picks[i] = pick(int64(i), leaves)
	}
	store := &storage{}
	var root tlog.Hash
	inclusions := make([][]tlog.Hash, count)
	consistencies := make([][]tlog.Hash, count)
	older := make([]tlog.Hash, count)

	acts := map[string]func() string{
		"build": func() string {
			store = &storage{}
			for i, leaf := range leafHashes {
				hashes, err := tlog.StoredHashesForRecordHash(int64(i), leaf, store)
				must(err)
				store.hashes = append(store.hashes, hashes...)
			}
			root, err = tlog.TreeHash(leaves, store)
			must(err)
			return base64.StdEncoding.EncodeToString(root[:])
		},
		"prove": func() string {
			for i := range inclusions {
				proof, err := tlog.ProveRecord(leaves, picks[i], store)
				must(err)
				inclusions[i] = proof
			}
			return ""
		},
		"check": func() string {
			for i, proof := range inclusions {
				index := picks[i]
				must(tlog.CheckRecord(proof, leaves, root, index, leafHashes[index]))
			}
			return ""
		},
		"prove-tree": func() string {
			for i := range consistencies {
				proof, err := tlog.ProveTree(leaves, 1+picks[i], store)
				must(err)
				consistencies[i] = proof
			}
			return ""
		},
		"check-tree": func() string {
			for i, proof := range consistencies {
				must(tlog.CheckTree(proof, leaves, root, 1+picks[i], older[i]))
			}
			return ""
		},
		"older": func() string {
			for i := range older {
				older[i], err = tlog.TreeHash(1+picks[i], store)
				must(err)
			}
			return ""
		},
		"inclusions":    func() string { return digest(inclusions) },
		"consistencies": func() string { return digest(consistencies) },
	}
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		word := lines.Text()
		if word == "version" {
			must(out.Encode(answer{Text: version() + " " + runtime.Version()}))
			continue
		}
		if strings.HasPrefix(word, "stream ") {
			total, err := strconv.ParseInt(word[len("stream "):], 10, 64)
			must(err)
			began := cpuNanos()
			hash := streamed(total)
			must(out.Encode(answer{Nanos: cpuNanos() - began, Digest: base64.StdEncoding.EncodeToString(hash[:])}))
			continue
		}
		act, ok := acts[word]
		if !ok {
			must(fmt.Errorf("no act %q", word))
		}
		runtime.GC()
		began := cpuNanos()
		digest := act()
		must(out.Encode(answer{Nanos: cpuNanos() - began, Digest: digest}))
	}
}
