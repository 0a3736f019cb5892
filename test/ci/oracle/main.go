// An outside reader of our logs, on golang.org/x/mod/sumdb alone: it opens the checkpoint with sumdb/note, reads every tile
// that the tree has through sumdb/tlog, which checks each against the root, and hashes every entry of every bundle. It makes
// proofs from our tiles and checks proofs that we made. One JSON request a line, one JSON answer a line.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tlog-tiles has tiles of height 8.
const height = 8
const width = 1 << height

type inclusion struct {
	Index int64  `json:"index"`
	Proof []byte `json:"proof"`
}

type consistency struct {
	Size  int64  `json:"size"`
	Root  []byte `json:"root"`
	Proof []byte `json:"proof"`
}

type request struct {
	Folder        string        `json:"folder"`
	Vkey          string        `json:"vkey"`
	Inclusions    []inclusion   `json:"inclusions"`
	Consistencies []consistency `json:"consistencies"`
}

type answer struct {
	Error         string   `json:"error"`
	Size          int64    `json:"size"`
	Tiles         int      `json:"tiles"`
	Entries       int64    `json:"entries"`
	Inclusions    [][]byte `json:"inclusions"`
	Consistencies [][]byte `json:"consistencies"`
}

// folder reads tiles as tlog-tiles lays them out, which has no height in its paths.
type folder struct {
	path string
	read map[string]bool
}

func (f *folder) Height() int { return height }

func (f *folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
		data, err := os.ReadFile(filepath.Join(f.path, path))
		if err != nil {
			return nil, err
		}
		f.read[path] = true
		out[i] = data
	}
	return out, nil
}

func (f *folder) SaveTiles([]tlog.Tile, [][]byte) {}

func checkpoint(data []byte, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, errors.New("not three lines of our origin")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

func bundle(path string, want int64) ([][]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("a bundle is cut short")
		}
		length := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:length])
		data = data[length:]
	}
	if int64(len(entries)) != want {
		return nil, fmt.Errorf("a bundle has %d entries, not %d", len(entries), want)
	}
	return entries, nil
}

// entries checks every entry of every bundle against the leaf hashes, which the tiles gave.
func entries(root string, leaves []tlog.Hash) error {
	size := int64(len(leaves))
	for first := int64(0); first < size; first += width {
		count := size - first
		if count > width {
			count = width
		}
		tile := tlog.Tile{H: height, L: 0, N: first / width, W: int(count)}
		path := "tile/entries/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0/", height))
		data, err := bundle(filepath.Join(root, path), count)
		if err != nil {
			return err
		}
		for i, entry := range data {
			if tlog.RecordHash(entry) != leaves[first+int64(i)] {
				return fmt.Errorf("entry %d is not the one of its leaf", first+int64(i))
			}
		}
	}
	return nil
}

func hashes(data []byte) []tlog.Hash {
	var out []tlog.Hash
	for ; len(data) >= tlog.HashSize; data = data[tlog.HashSize:] {
		var hash tlog.Hash
		copy(hash[:], data)
		out = append(out, hash)
	}
	return out
}

func flat(proof []tlog.Hash) []byte {
	out := []byte{}
	for _, hash := range proof {
		out = append(out, hash[:]...)
	}
	return out
}

func judge(req request) (out answer, err error) {
	data, err := os.ReadFile(filepath.Join(req.Folder, "checkpoint"))
	if err != nil {
		return out, err
	}
	tree, err := checkpoint(data, req.Vkey)
	if err != nil {
		return out, err
	}
	out.Size = tree.N
	if tree.N == 0 {
		if tree.Hash != tlog.Hash(sha256.Sum256(nil)) {
			return out, errors.New("the empty tree has another root")
		}
		return out, nil
	}
	tiles := &folder{path: req.Folder, read: map[string]bool{}}
	reader := tlog.TileHashReader(tree, tiles)
	indexes := make([]int64, tree.N)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, int64(i))
	}
	leaves, err := reader.ReadHashes(indexes)
	if err != nil {
		return out, err
	}
	if err := entries(req.Folder, leaves); err != nil {
		return out, err
	}
	out.Tiles, out.Entries = len(tiles.read), tree.N
	for _, claim := range req.Inclusions {
		if err := tlog.CheckRecord(hashes(claim.Proof), tree.N, tree.Hash, claim.Index, leaves[claim.Index]); err != nil {
			return out, err
		}
		proof, err := tlog.ProveRecord(tree.N, claim.Index, reader)
		if err != nil {
			return out, err
		}
		out.Inclusions = append(out.Inclusions, flat(proof))
	}
	for _, claim := range req.Consistencies {
		var old tlog.Hash
		copy(old[:], claim.Root)
		if err := tlog.CheckTree(hashes(claim.Proof), tree.N, tree.Hash, claim.Size, old); err != nil {
			return out, err
		}
		proof, err := tlog.ProveTree(tree.N, claim.Size, reader)
		if err != nil {
			return out, err
		}
		out.Consistencies = append(out.Consistencies, flat(proof))
	}
	return out, nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	encoder := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var req request
		if err := json.Unmarshal(lines.Bytes(), &req); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		out, err := judge(req)
		if err != nil {
			out.Error = err.Error()
		}
		if err := encoder.Encode(out); err != nil {
			os.Exit(1)
		}
	}
}
