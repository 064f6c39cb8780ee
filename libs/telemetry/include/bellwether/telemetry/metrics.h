// The process's metrics, as Prometheus reads them. deploy/prometheus/metrics.txt lists them all.
//
// There is one registry for a process: what counts is far from what serves the page. Thread-safe.
#ifndef BELLWETHER_TELEMETRY_METRICS_H_
#define BELLWETHER_TELEMETRY_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace bellwether::telemetry {

using Labels = std::map<std::string, std::string>;

// The metric of that name and those labels, made when first asked for; it lives as long as the process. Asking takes a
// lock: keep the reference where it is counted often. A name belongs to one kind of metric.
prometheus::Counter& CounterOf(const std::string& name, const std::string& help, const Labels& labels = {});
prometheus::Gauge& GaugeOf(const std::string& name, const std::string& help, const Labels& labels = {});
// `bounds`: upper bounds of the buckets, in the metric's unit, rising.
prometheus::Histogram& HistogramOf(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                                   const Labels& labels = {});

// Bounds in seconds for what takes from a tenth of a millisecond to ten seconds.
const std::vector<double>& SecondsBounds();

// What one thread observes for a histogram, handed over together: a histogram takes a lock for each observation. Not
// thread-safe.
class Tally {
 public:
  // As HistogramOf.
  Tally(const std::string& name, const std::string& help, std::vector<double> bounds, const Labels& labels = {});
  void Observe(double value);
  // Hands over what was observed since the last time.
  void Flush();

 private:
  std::vector<double> bounds_;
  prometheus::Histogram& histogram_;
  std::vector<double> counts_;  // By bucket; the last has no bound.
  double sum_ = 0;
  bool any_ = false;
};

// A gauge, or a counter, whose values are asked for whenever the page is read, while this object lives.
class Scraped {
 public:
  // Where several owners give the same labels, gauges and counters are summed; of kGreatest, a gauge, the greatest is
  // told.
  enum class Kind { kGauge, kCounter, kGreatest };
  using Values = std::vector<std::pair<Labels, double>>;

  // `values` is called from any thread, and never after the destructor returned.
  Scraped(Kind kind, std::string name, std::string help, std::function<Values()> values);
  ~Scraped();
  Scraped(const Scraped&) = delete;
  Scraped& operator=(const Scraped&) = delete;

 private:
  friend std::string MetricsText();
  const Kind kind_;
  const std::string name_;
  const std::string help_;
  const std::function<Values()> values_;
};

// The page: Prometheus' text format, with the process's own figures (CPU, memory, open files, start).
std::string MetricsText();

}  // namespace bellwether::telemetry

#endif  // BELLWETHER_TELEMETRY_METRICS_H_
