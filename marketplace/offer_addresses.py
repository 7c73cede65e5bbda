"""Addresses of the desk and the seller's product pages."""

from django.urls import path

from marketplace.views.desk import Desk
from marketplace.views.offers import NewProduct, OneProduct, Products

pages = [
    path("desk/", Desk.as_view(), name="desk"),
    path("desk/products", Products.as_view(), name="products"),
    path("desk/products/new", NewProduct.as_view(), name="product_new"),
    path("desk/products/<str:product_id>", OneProduct.as_view(), name="product_edit"),
]
