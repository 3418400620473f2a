// Rows of text in aligned columns.
#ifndef OUTERLOOP_CLIENT_TERMINAL_TABLE_H_
#define OUTERLOOP_CLIENT_TERMINAL_TABLE_H_

#include <string>
#include <vector>

namespace outerloop::client {

class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns);

  // One cell a column; UTF-8 without line ends.
  void AddRow(std::vector<std::string> cells);

  // The titles, then the rows in their order; two spaces between columns, each as wide as its
  // widest cell; no spaces at line ends.
  std::string Render() const;

 private:
  const std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // The titles first.
};

}  // namespace outerloop::client

#endif  // OUTERLOOP_CLIENT_TERMINAL_TABLE_H_
