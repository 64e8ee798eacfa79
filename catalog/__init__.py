"""What is for sale: categories, products, variants and stock, favourites, views, prices over time."""
