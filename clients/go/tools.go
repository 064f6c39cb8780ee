//go:build tools

// The plugins that make v1, at the versions of go.mod.
package bellwether

import (
	_ "google.golang.org/grpc/cmd/protoc-gen-go-grpc"
	_ "google.golang.org/protobuf/cmd/protoc-gen-go"
)
