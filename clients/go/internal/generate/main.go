// Makes the package v1 of the contract, with the plugins that go.mod names. Run by `go generate` in the module's folder.
package main

import (
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

const module = "bellwether.uk/bellwether"

// Of the module: in the repository, and below /usr/share/bellwether of the Debian package.
const protos = "../../proto"

func run(command string, arguments ...string) {
	c := exec.Command(command, arguments...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		log.Fatalf("%s: %v", command, err)
	}
}

func main() {
	log.SetFlags(0)
	files, err := filepath.Glob(filepath.Join(protos, "bellwether/v1/*.proto"))
	if err != nil || len(files) == 0 {
		log.Fatalf("no contract in %s", protos)
	}
	plugins, err := os.MkdirTemp("", "bellwether-generate")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(plugins)
	for name, path := range map[string]string{
		"protoc-gen-go":      "google.golang.org/protobuf/cmd/protoc-gen-go",
		"protoc-gen-go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc",
	} {
		run("go", "build", "-o", filepath.Join(plugins, name), path)
	}
	run("protoc", append([]string{
		"-I" + protos, "--plugin=" + filepath.Join(plugins, "protoc-gen-go"), "--plugin=" + filepath.Join(plugins, "protoc-gen-go-grpc"),
		"--go_out=.", "--go_opt=module=" + module, "--go-grpc_out=.", "--go-grpc_opt=module=" + module,
	}, files...)...)
}
