// A feed, from nothing: sends a system's figures to Bellwether, and finds out what became of each. What examples/feeds/feed.py is in Python.
//
//	go run ./example --council E06000061 figures.csv         columns: ref, period, value
package main

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"bellwether.uk/bellwether/feed"
	pb "bellwether.uk/bellwether/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// The figures of the file. The id names a figure's state in the source system: ref, period and value.
func readingsOf(file, council string) ([]*pb.Reading, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	rows, err := csv.NewReader(opened).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || len(rows[0]) != 3 {
		return nil, fmt.Errorf("%s: not the columns ref, period, value", file)
	}
	var readings []*pb.Reading
	for _, row := range rows[1:] {
		id := "example-feed/" + row[0] + "/" + row[1] + "/" + row[2]
		key := feed.Key{Council: council, Ref: row[0], Period: row[1], ReadingID: id, Source: "example feed"}
		readings = append(readings, feed.Value(key, row[2]))
	}
	return readings, nil
}

func connect(address string) *grpc.ClientConn {
	connection, err := grpc.Dial(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	return connection
}

func main() {
	log.SetFlags(0)
	council := flag.String("council", os.Getenv("BELLWETHER_COUNCIL"), "ONS code of the council")
	ingestion := flag.String("ingestion", "127.0.0.1:7401", "address of the ingestion service")
	query := flag.String("query", "127.0.0.1:7402", "address of the query service")
	patience := flag.Duration("patience", 2*time.Minute, "how long to go on trying")
	flag.Parse()
	if flag.NArg() != 1 || *council == "" {
		log.Fatal("feed: want a file, and --council")
	}
	readings, err := readingsOf(flag.Arg(0), *council)
	if err != nil {
		log.Fatalf("feed: %v", err)
	}
	f := feed.New(connect(*ingestion), connect(*query))
	f.Patience = *patience
	f.OnRetry = func(pending int, why string) { fmt.Printf("%d to go (%s); trying again\n", pending, why) }
	ctx := context.Background()
	sent, err := f.Record(ctx, readings)
	if err != nil {
		log.Fatalf("feed: %v", err)
	}
	outcomes, err := f.Outcomes(ctx, sent)
	if err != nil {
		log.Fatalf("feed: %v", err)
	}
	for _, o := range outcomes {
		inForce := ""
		if o.InForce {
			inForce = " in force"
		}
		fmt.Printf("%s: %s%s\n", o.ReadingID, o.Outcome, inForce)
		for _, w := range o.Warnings {
			fmt.Printf("%s: warning: %s\n", o.ReadingID, w.GetMessage())
		}
	}
	for _, refusal := range sent.Refused {
		log.Printf("%q: refused: %s", refusal.ReadingID, refusal.Words())
	}
	if len(sent.Refused) > 0 {
		os.Exit(1)
	}
}
