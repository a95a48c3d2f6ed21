"""综合评价: sheets of the indicators, what stands behind each figure, and what was published."""
