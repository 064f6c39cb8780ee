#include "bellwether/markup/markup.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"

namespace bellwether::markup {

Address Address::Of(std::initializer_list<std::string_view> segments) {
  Address address;
  for (const std::string_view segment : segments) address.path_ += "/" + PercentEncoded(segment);
  if (address.path_.empty()) address.path_ = "/";
  return address;
}

Address Address::Here(std::string_view place) { return Address().At(place); }

Address Address::WithSuffix(std::string_view suffix) const {
  Address address = *this;
  address.path_ += PercentEncoded(suffix);
  return address;
}

Address Address::With(std::string_view name, std::string_view value) const {
  Address address = *this;
  absl::StrAppend(&address.query_, query_.empty() ? "?" : "&", PercentEncoded(name), "=", PercentEncoded(value));
  return address;
}

Address Address::At(std::string_view place) const {
  Address address = *this;
  address.place_ = "#" + PercentEncoded(place);
  return address;
}

Attribute Href(const Address& address) { return {Attribute::Checked(), "href", address.ToString()}; }
Attribute Src(const Address& address) { return {Attribute::Checked(), "src", address.ToString()}; }
Attribute Action(const Address& address) { return {Attribute::Checked(), "action", address.ToString()}; }

Markup::Markup(std::string_view text) : text_(Escaped(text)) {}

void Markup::Open(ElementName name, const Attributes& attributes) {
  text_ += '<';
  text_ += name.text();
  for (const Attribute& attribute : attributes) {
    if (attribute.name().empty()) continue;
    text_ += ' ';
    text_ += attribute.name();
    text_ += "=\"";
    text_ += Escaped(attribute.value());
    text_ += '"';
  }
  text_ += '>';
}

void Markup::Close(ElementName name) {
  text_ += "</";
  text_ += name.text();
  text_ += '>';
}

Markup Void(ElementName name, const Attributes& attributes) {
  Markup all;
  all.Open(name, attributes);
  return all;
}

Markup ScriptFrom(const Address& address) {
  Markup all;
  all.text_ = absl::StrCat("<script src=\"", Escaped(address.ToString()), "\" defer></script>");
  return all;
}

Markup StyleElement(std::string_view sheet) {
  Markup all;
  all.text_ = "<style>";
  for (const char c : sheet) {
    if (c != '<') all.text_ += c;
  }
  all.text_ += "</style>";
  return all;
}

Markup Paragraphs(std::string_view text) {
  Markup all;
  Markup paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) all += El("p", {}, paragraph) + "\n";
    paragraph = Markup();
  };
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const absl::string_view line = absl::StripAsciiWhitespace(core::ToAbsl(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) {
      end_paragraph();
      continue;
    }
    if (!paragraph.empty()) paragraph += Void("br", {}) + "\n";
    paragraph += Markup(std::string_view(line.data(), line.size()));
  }
  end_paragraph();
  return all;
}

std::string HtmlDocument(const Markup& html) { return "<!doctype html>\n" + html.ToString() + "\n"; }

std::string SvgDocument(const Markup& svg, std::string_view sheet) {
  // Within the element, before all else.
  const std::string& text = svg.ToString();
  const size_t inside = text.find('>') + 1;
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", text.substr(0, inside),
                      StyleElement(sheet).ToString(), text.substr(inside), "\n");
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : core::Visible(text, core::LineBreaks::kKept)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string PercentEncoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool code = text[i] == '%' && i + 2 < text.size() &&
                      absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                      absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (!code) {
      decoded += text[i];
      continue;
    }
    decoded += absl::HexStringToBytes(core::ToAbsl(text.substr(i + 1, 2)));
    i += 2;
  }
  return decoded;
}

}  // namespace bellwether::markup
