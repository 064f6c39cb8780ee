// Package bellwether is the root of Bellwether's Go module: v1 is the contract's own types and calls, feed sends figures and asks what
// became of them. `go generate` makes v1 of the contract: there is one contract, and no copy of it here. It wants protoc and the well-known
// types (Debian: protobuf-compiler, libprotobuf-dev).
package bellwether

//go:generate go run ./internal/generate
