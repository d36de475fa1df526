"""Resources whose whole life is a document: kept, shown, changed and deleted; nothing runs behind them."""
