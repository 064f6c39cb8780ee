#include "bellwether/telemetry/metrics.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "bellwether/core/mutex.h"

namespace bellwether::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

prometheus::Registry& TheRegistry() {
  static auto* const registry = new prometheus::Registry();  // Never destroyed: threads may still count at the end.
  return *registry;
}

// What is asked at each reading of the page. The lock is held meanwhile, so that nobody goes away.
struct ScrapedList {
  core::Mutex mutex;
  std::vector<const Scraped*> all ABSL_GUARDED_BY(mutex);
};
ScrapedList& TheScraped() {
  static auto* const list = new ScrapedList();
  return *list;
}

MetricFamily& FamilyOf(std::vector<MetricFamily>& families, const std::string& name, const std::string& help,
                       MetricType type) {
  const auto found =
      std::find_if(families.begin(), families.end(), [&](const MetricFamily& f) { return f.name == name; });
  if (found != families.end()) return *found;
  families.push_back({name, help, type, {}});
  return families.back();
}

void Add(MetricFamily& family, const Labels& labels, double value, Scraped::Kind kind = Scraped::Kind::kGauge) {
  ClientMetric metric;
  for (const auto& [label, text] : labels) metric.label.push_back({label, text});
  for (ClientMetric& other : family.metric) {
    if (other.label != metric.label) continue;
    const bool greatest = kind == Scraped::Kind::kGreatest;
    other.counter.value += value;
    other.gauge.value = greatest ? std::max(other.gauge.value, value) : other.gauge.value + value;
    return;
  }
  metric.counter.value = value;  // Which of the two is shown is the family's type.
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

// Fields of /proc/self/stat from the third on: the second is a name in brackets that may hold anything.
std::vector<std::string> ProcessFields() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::istringstream rest(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  return {std::istream_iterator<std::string>(rest), std::istream_iterator<std::string>()};
}

// When the machine started; 0: not known.
double BootSeconds() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

void AddProcess(std::vector<MetricFamily>& families) {
  const std::vector<std::string> fields = ProcessFields();
  constexpr size_t kUserTicks = 11, kSystemTicks = 12, kStartTicks = 19, kResidentPages = 21;
  if (fields.size() <= kResidentPages) return;
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  Add(FamilyOf(families, "process_cpu_seconds_total", "CPU time of the process", MetricType::Counter), {},
      (std::stod(fields[kUserTicks]) + std::stod(fields[kSystemTicks])) / ticks);
  Add(FamilyOf(families, "process_resident_memory_bytes", "Memory of the process", MetricType::Gauge), {},
      std::stod(fields[kResidentPages]) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  Add(FamilyOf(families, "process_start_time_seconds", "When the process started", MetricType::Gauge), {},
      BootSeconds() + std::stod(fields[kStartTicks]) / ticks);
  rlimit files_limit{};
  if (getrlimit(RLIMIT_NOFILE, &files_limit) == 0) {
    Add(FamilyOf(families, "process_max_fds", "Files that the process may open", MetricType::Gauge), {},
        static_cast<double>(files_limit.rlim_cur));
  }
  std::error_code error;
  const auto files = std::filesystem::directory_iterator("/proc/self/fd", error);
  if (!error) {
    Add(FamilyOf(families, "process_open_fds", "Open files of the process", MetricType::Gauge), {},
        static_cast<double>(std::distance(files, std::filesystem::directory_iterator())));
  }
}

}  // namespace

prometheus::Counter& CounterOf(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(TheRegistry()).Add(labels);
}

prometheus::Gauge& GaugeOf(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(TheRegistry()).Add(labels);
}

prometheus::Histogram& HistogramOf(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                                   const Labels& labels) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(TheRegistry()).Add(labels, bounds);
}

Tally::Tally(const std::string& name, const std::string& help, std::vector<double> bounds, const Labels& labels)
    : bounds_(std::move(bounds)), histogram_(HistogramOf(name, help, bounds_, labels)), counts_(bounds_.size() + 1) {}

void Tally::Observe(double value) {
  ++counts_[static_cast<size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin())];
  sum_ += value;
  any_ = true;
}

void Tally::Flush() {
  if (!std::exchange(any_, false)) return;
  histogram_.ObserveMultiple(counts_, std::exchange(sum_, 0));
  counts_.assign(counts_.size(), 0);
}

const std::vector<double>& SecondsBounds() {
  static const auto* const bounds = new std::vector<double>{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                            0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return *bounds;
}

Scraped::Scraped(Kind kind, std::string name, std::string help, std::function<Values()> values)
    : kind_(kind), name_(std::move(name)), help_(std::move(help)), values_(std::move(values)) {
  ScrapedList& list = TheScraped();
  const core::MutexLock lock(list.mutex);
  list.all.push_back(this);
}

Scraped::~Scraped() {
  ScrapedList& list = TheScraped();
  const core::MutexLock lock(list.mutex);
  list.all.erase(std::find(list.all.begin(), list.all.end(), this));
}

std::string MetricsText() {
  std::vector<MetricFamily> families = TheRegistry().Collect();
  AddProcess(families);
  {
    ScrapedList& list = TheScraped();
    const core::MutexLock lock(list.mutex);
    for (const Scraped* scraped : list.all) {
      const MetricType type = scraped->kind_ == Scraped::Kind::kCounter ? MetricType::Counter : MetricType::Gauge;
      MetricFamily& family = FamilyOf(families, scraped->name_, scraped->help_, type);
      for (const auto& [labels, value] : scraped->values_()) Add(family, labels, value, scraped->kind_);
    }
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace bellwether::telemetry
