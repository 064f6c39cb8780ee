// HTML and SVG that escape by construction: what becomes markup is an element made here, or text, which is escaped.
// There is no way to put in markup that was made elsewhere, a script inside the page, a handler, a style attribute, or
// an address that is not of this site. Text that others chose is made Visible (core/visible.h): no mark of direction
// turns the rest of a line.
//
//   El("p", {{"class", "note"}}, "read ", El("a", {Href(Address::Of({"reports", period}))}, title))
//
// Pure. Values; safe as values are.
#ifndef BELLWETHER_MARKUP_MARKUP_H_
#define BELLWETHER_MARKUP_MARKUP_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellwether::markup {

// Where a link of ours may lead: to a path of this site, or to a place on the page. Whatever is in a segment, a query
// or a place is percent-encoded, so that it stays in its part.
class Address {
 public:
  // "/" and the segments with slashes between them.
  static Address Of(std::initializer_list<std::string_view> segments);
  // "#place", on the same page.
  static Address Here(std::string_view place);

  // Each returns another address: with a suffix of the path (".csv"), with one more value of the query, with a place.
  Address WithSuffix(std::string_view suffix) const;
  Address With(std::string_view name, std::string_view value) const;
  Address At(std::string_view place) const;

  std::string ToString() const { return path_ + query_ + place_; }

 private:
  Address() = default;
  std::string path_;
  std::string query_;
  std::string place_;
};

namespace internal {

constexpr bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}
consteval bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  for (const std::string_view n : names) {
    if (name == n) return true;
  }
  return false;
}

}  // namespace internal

// The name of an element: a literal, and checked while it is compiled.
class ElementName {
 public:
  consteval ElementName(const char* literal) : text_(literal) {  // NOLINT: implicit, so that calls read like markup.
    for (const char c : text_) {
      if (!internal::IsNameCharacter(c)) throw "not the name of an element";
    }
    if (internal::IsOneOf(text_, {"script", "style", "iframe", "object", "embed", "base", "foreignObject"})) {
      throw "such an element is not for us";
    }
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// The name of an attribute whose value is text.
class AttributeName {
 public:
  consteval AttributeName(const char* literal) : text_(literal) {  // NOLINT: as above.
    for (const char c : text_) {
      if (!internal::IsNameCharacter(c)) throw "not the name of an attribute";
    }
    if (text_.substr(0, 2) == "on" || internal::IsOneOf(text_, {"style", "srcdoc"})) {
      throw "scripts and styles stand in no attribute";
    }
    if (internal::IsOneOf(text_, {"href", "src", "action", "formaction", "poster", "data", "background"})) {
      throw "an address is given by Href, Src or Action";
    }
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class Attribute {
 public:
  Attribute(AttributeName name, std::string_view value) : name_(name.text()), value_(value) {}
  Attribute(AttributeName name, int value) : name_(name.text()), value_(std::to_string(value)) {}
  // None where the condition does not hold.
  static Attribute If(bool condition, AttributeName name, std::string_view value) {
    return condition ? Attribute(name, value) : Attribute(Checked(), "", "");
  }

  std::string_view name() const { return name_; }  // Empty: it is left out.
  const std::string& value() const { return value_; }

 private:
  friend Attribute Href(const Address& address);
  friend Attribute Src(const Address& address);
  friend Attribute Action(const Address& address);
  struct Checked {};
  Attribute(Checked, std::string_view name, std::string value) : name_(name), value_(std::move(value)) {}
  std::string_view name_;
  std::string value_;
};
Attribute Href(const Address& address);
Attribute Src(const Address& address);
Attribute Action(const Address& address);

using Attributes = std::vector<Attribute>;

class Markup {
 public:
  Markup() = default;
  // Text, which is escaped. Line feeds stay.
  Markup(std::string_view text);  // NOLINT: implicit, so that text may stand among elements.
  Markup(const std::string& text) : Markup(std::string_view(text)) {}  // NOLINT: as above.
  Markup(const char* text) : Markup(std::string_view(text)) {}         // NOLINT: as above.

  Markup& operator+=(const Markup& more) {
    text_ += more.text_;
    return *this;
  }
  friend Markup operator+(Markup a, const Markup& b) { return std::move(a += b); }
  bool empty() const { return text_.empty(); }
  // As it is sent.
  const std::string& ToString() const { return text_; }

  // For El and Void.
  void Open(ElementName name, const Attributes& attributes);
  void Close(ElementName name);

 private:
  friend Markup StyleElement(std::string_view sheet);
  friend Markup ScriptFrom(const Address& address);
  std::string text_;
};

// An element and what is in it.
template <typename... Children>
Markup El(ElementName name, const Attributes& attributes, const Children&... children) {
  Markup all;
  all.Open(name, attributes);
  ((all += Markup(children)), ...);
  all.Close(name);
  return all;
}
// One that holds nothing and is never closed: br, img, input, link, meta.
Markup Void(ElementName name, const Attributes& attributes);
// A script of this site's own, from its address, run once the page is there.
Markup ScriptFrom(const Address& address);
// A style sheet of our own, for a page that stands alone. "<" is left out, so that nothing ends it.
Markup StyleElement(std::string_view sheet);
// Paragraphs: the text is divided at empty lines; a single line feed is a line break.
Markup Paragraphs(std::string_view text);

// The whole page.
std::string HtmlDocument(const Markup& html);
// An image of its own, from its element <svg>, with a style sheet of ours.
std::string SvgDocument(const Markup& svg, std::string_view sheet);

// Text as it may stand in markup, also between double quotes.
std::string Escaped(std::string_view text);
// Text as it may stand in one segment of a path, or in a query.
std::string PercentEncoded(std::string_view text);
// The other way round. Bytes that are no such code stay as they are.
std::string PercentDecoded(std::string_view text);

}  // namespace bellwether::markup

#endif  // BELLWETHER_MARKUP_MARKUP_H_
