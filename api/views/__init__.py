"""SQL reads behind the pages: alerts, names, manifests, stock, money. They decide nothing and write nothing."""
