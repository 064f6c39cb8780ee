// Package feed sends readings to Bellwether until each is recorded or refused, and tells what became of them.
//
//	f := feed.New(ingestion, query)
//	sent, err := f.Record(ctx, []*pb.Reading{feed.Value(feed.Key{
//		Council: "E06000061", Ref: "T15", Period: "2022-02", ReadingID: "revenues/T15/2022-02/v3", Source: "revenues"}, "96.1")})
//	for _, refusal := range sent.Refused {
//		fmt.Println(refusal.ReadingID, refusal.Words())
//	}
//	outcomes, err := f.Outcomes(ctx, sent)
//
// Connections are the caller's: how they are made (TLS, certificates, names) is not decided here.
package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	pb "bellwether.uk/bellwether/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

const (
	readingsOfAFrame = 100 // At most 500.
	keysOfALookUp    = 500 // The most.
	answerTime       = 30 * time.Second
	firstPause       = 200 * time.Millisecond
	longestPause     = 5 * time.Second
)

// Key says what a reading is about, and which state of your system it is: sending twice with one ReadingID is harmless.
type Key struct {
	Council, Ref, Period string // "E06000061", "T15", "2022-02".
	ReadingID            string // 1 to 128 characters, unique within the indicator.
	Source               string // Who sends it.
	Corrects             string // The id of the reading that this one corrects, or empty.
}

func (k Key) reading(m *pb.Measurement) *pb.Reading {
	return &pb.Reading{Council: k.Council, Ref: k.Ref, Period: k.Period, ReadingId: k.ReadingID, Source: k.Source, Corrects: k.Corrects, Measurement: m}
}

// Value is a reading of one figure: decimal text, with the precision that the report should show. A float64 is none: 0.1 is not the
// tenth that a report shows.
func Value(key Key, figure string) *pb.Reading {
	return key.reading(&pb.Measurement{Kind: &pb.Measurement_Value{Value: &pb.Decimal{Value: figure}}})
}

// Ratio is a reading of a numerator and its denominator: Bellwether divides.
func Ratio(key Key, numerator, denominator string) *pb.Reading {
	return key.reading(&pb.Measurement{Kind: &pb.Measurement_Ratio{Ratio: &pb.Ratio{
		Numerator: &pb.Decimal{Value: numerator}, Denominator: &pb.Decimal{Value: denominator}}}})
}

// NotAvailable is a reading that says why there is no figure. status: a code of SDMX, such as "M".
func NotAvailable(key Key, reason, status string) *pb.Reading {
	reading := key.reading(&pb.Measurement{Kind: &pb.Measurement_NotAvailable{NotAvailable: &pb.NotAvailable{Reason: reason}}})
	reading.ObservationStatus = status
	return reading
}

// Refusal is a reading that is not recorded, and will not be as it is.
type Refusal struct {
	ReadingID string
	Errors    []*pb.ItemError
}

// Words are field, value, rule and remedy of each error.
func (r Refusal) Words() string {
	var words []string
	for _, e := range r.Errors {
		if e.GetField() != "" {
			words = append(words, e.GetField()+": "+e.GetMessage())
		} else {
			words = append(words, e.GetMessage())
		}
	}
	return strings.Join(words, "; ")
}

// Sent says what is recorded, what is refused, and up to where the log holds it.
type Sent struct {
	Recorded  []*pb.Reading
	Refused   []Refusal
	Positions map[int32]*pb.Position // By partition, the newest of each.
}

// Outcome says what became of a reading.
type Outcome struct {
	ReadingID string
	Outcome   pb.Outcome
	InForce   bool
	Detail    string
	Warnings  []*pb.Warning // What speaks against the figure in force: whoever reads them decides.
}

// GaveUp is the error of Record where no answer came for too long. What is pending may be sent again, with the same ids, at any time.
type GaveUp struct {
	Pending []*pb.Reading
	Reason  string
}

func (g *GaveUp) Error() string {
	return fmt.Sprintf("%d readings are not recorded: %s", len(g.Pending), g.Reason)
}

// Feed sends readings, and reads its own writes. One goroutine at a time uses it.
type Feed struct {
	writer pb.IngestionServiceClient
	reader pb.QueryServiceClient
	// Patience is how long Record goes on trying without an answer: two minutes, if New made it.
	Patience time.Duration
	// OnRetry, if set, is told how many readings wait, and why.
	OnRetry func(pending int, why string)
}

// New makes a feed of a connection to the ingestion service, and one to the query service, which may be nil.
func New(ingestion, query grpc.ClientConnInterface) *Feed {
	f := &Feed{writer: pb.NewIngestionServiceClient(ingestion), Patience: 2 * time.Minute}
	if query != nil {
		f.reader = pb.NewQueryServiceClient(query)
	}
	return f
}

// The same again may succeed after these, and is safe after any: every reading carries its id.
func mayTryAgain(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.Canceled, codes.DeadlineExceeded, codes.ResourceExhausted:
		return true
	}
	return false
}

// Record returns once every reading is recorded or refused. Two of one id are one reading: the last. The error is nil, a *GaveUp, the
// context's, or that of a call that is refused as a whole, such as for want of rights; Sent then says what was done by then.
func (f *Feed) Record(ctx context.Context, readings []*pb.Reading) (*Sent, error) {
	sent := &Sent{Positions: map[int32]*pb.Position{}}
	var pending []*pb.Reading
	for _, reading := range last(readings) {
		if _, err := proto.Marshal(reading); err != nil { // Such as text that is not UTF-8: the others go on.
			sent.Refused = append(sent.Refused, Refusal{reading.GetReadingId(), []*pb.ItemError{{Message: err.Error()}}})
			continue
		}
		pending = append(pending, reading)
	}
	pause, giveUp := firstPause, time.Now().Add(f.Patience)
	for len(pending) > 0 {
		left, err := f.stream(ctx, pending, sent)
		progress := len(left) < len(pending)
		pending = left
		if ctx.Err() != nil {
			return sent, ctx.Err()
		}
		why := "told to try again"
		if err != nil {
			if !mayTryAgain(err) {
				return sent, err
			}
			why = status.Convert(err).Message()
		}
		if len(pending) == 0 {
			break
		}
		if progress {
			pause, giveUp = firstPause, time.Now().Add(f.Patience)
		} else if time.Now().After(giveUp) {
			return sent, &GaveUp{Pending: pending, Reason: why}
		}
		if f.OnRetry != nil {
			f.OnRetry(len(pending), why)
		}
		select {
		case <-ctx.Done():
			return sent, ctx.Err()
		case <-time.After(pause):
		}
		if pause *= 2; pause > longestPause {
			pause = longestPause
		}
	}
	return sent, nil
}

// Of each id the last reading, in the place of the first.
func last(readings []*pb.Reading) []*pb.Reading {
	var order []*pb.Reading
	places := map[string]int{}
	for _, reading := range readings {
		if place, known := places[reading.GetReadingId()]; known {
			order[place] = reading
			continue
		}
		places[reading.GetReadingId()] = len(order)
		order = append(order, reading)
	}
	return order
}

// One stream of all that is pending. What is left of it, and why the stream ended early: nil, if it did not.
func (f *Feed) stream(ctx context.Context, pending []*pb.Reading, sent *Sent) ([]*pb.Reading, error) {
	answered := make([]bool, len(pending))
	err := f.exchange(ctx, pending, func(a *pb.Acknowledgement) {
		place := int(a.GetSequence()) // Not by the id: one that is not UTF-8 does not come back.
		if place >= len(pending) || answered[place] {
			return
		}
		reading, result := pending[place], a.GetResult()
		if position := result.GetPosition(); position != nil {
			sent.Positions[position.GetPartition()] = position // Of one partition the last is the newest.
			sent.Recorded = append(sent.Recorded, reading)
		} else if triesAgain(result.GetErrors()) {
			return
		} else {
			sent.Refused = append(sent.Refused, Refusal{reading.GetReadingId(), result.GetErrors()})
		}
		answered[place] = true
	})
	var left []*pb.Reading
	for i, reading := range pending {
		if !answered[i] {
			left = append(left, reading)
		}
	}
	return left, err
}

func triesAgain(errs []*pb.ItemError) bool {
	for _, e := range errs {
		if e.GetErrorClass() == pb.ErrorClass_ERROR_CLASS_TRY_AGAIN {
			return true
		}
	}
	return false
}

// Writes the readings in frames while it reads acknowledgements: a server that cannot hand those over stops reading.
func (f *Feed) exchange(ctx context.Context, readings []*pb.Reading, acknowledged func(*pb.Acknowledgement)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := f.writer.StreamReadings(ctx)
	if err != nil {
		return err
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		for at := 0; at < len(readings); at += readingsOfAFrame {
			end := at + readingsOfAFrame
			if end > len(readings) {
				end = len(readings)
			}
			if stream.Send(&pb.StreamReadingsRequest{Readings: readings[at:end]}) != nil {
				return // Recv says why.
			}
		}
		_ = stream.CloseSend()
	}()
	for {
		answer, err := stream.Recv()
		if err != nil {
			cancel()
			<-written
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		for _, a := range answer.GetAcknowledgements() {
			acknowledged(a)
		}
	}
}

// Outcomes says what became of all that was recorded, once the view has read that far: reading your own writes.
func (f *Feed) Outcomes(ctx context.Context, sent *Sent) ([]Outcome, error) {
	if f.reader == nil {
		return nil, errors.New("the feed has no connection to the query service")
	}
	var positions []*pb.Position
	for _, position := range sent.Positions {
		positions = append(positions, position)
	}
	var outcomes []Outcome
	for at := 0; at < len(sent.Recorded); at += keysOfALookUp {
		some := sent.Recorded[at:]
		if len(some) > keysOfALookUp {
			some = some[:keysOfALookUp]
		}
		request := &pb.LookUpReadingsRequest{MinPositions: positions}
		for _, r := range some {
			request.Keys = append(request.Keys, &pb.ReadingKey{
				Council: r.GetCouncil(), Ref: r.GetRef(), Period: r.GetPeriod(), ReadingId: r.GetReadingId()})
		}
		answer, err := f.lookUp(ctx, request)
		if err != nil {
			return outcomes, err
		}
		for i, result := range answer.GetResults() {
			occurrences := result.GetOccurrences()
			if len(occurrences) == 0 {
				return outcomes, fmt.Errorf("%s: recorded, and not found", some[i].GetReadingId())
			}
			newest := occurrences[len(occurrences)-1]
			outcome := Outcome{ReadingID: some[i].GetReadingId(), Outcome: newest.GetOutcome(), Detail: newest.GetDetail()}
			for _, o := range occurrences {
				outcome.InForce = outcome.InForce || o.GetInForce()
				outcome.Warnings = append(outcome.Warnings, o.GetWarnings()...)
			}
			outcomes = append(outcomes, outcome)
		}
	}
	return outcomes, nil
}

func (f *Feed) lookUp(ctx context.Context, request *pb.LookUpReadingsRequest) (*pb.LookUpReadingsResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return f.reader.LookUpReadings(ctx, request, grpc.WaitForReady(true))
}
