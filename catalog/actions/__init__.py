"""What can be done with listings."""

from catalog.actions.areas import look_up_neighborhoods
from catalog.actions.house import read_exact_place, save_brand, save_category, save_question
from catalog.actions.locks import lock_variants
from catalog.actions.publishing import (
    NOTICE_OF_END,
    announce_ends,
    expire_due_products,
    mark_sold,
    pause_product,
    pause_products_of,
    publish_new_product,
    publish_product,
    remove_product,
    renew_product,
    resume_product,
)
from catalog.actions.reports import report_product
from catalog.actions.review import (
    approve_product,
    hide_by_decision,
    hide_product,
    reject_product,
    restore_product,
    take_down_product,
    unhide_product,
)
from catalog.actions.saving import add_favourite, remove_favourite
from catalog.actions.stock import (
    Stock,
    commit_hold,
    expire_due_holds,
    lock_stock,
    release_hold,
    sell_holds,
    set_aside,
    set_variants,
    take_hold,
    take_holds,
    undo_sale,
)
from catalog.actions.views import flush_views, record_view
from catalog.actions.writing import ProductFields, create_draft, edit_product

__all__ = [
    "NOTICE_OF_END",
    "ProductFields",
    "Stock",
    "add_favourite",
    "announce_ends",
    "approve_product",
    "commit_hold",
    "create_draft",
    "edit_product",
    "expire_due_holds",
    "expire_due_products",
    "flush_views",
    "hide_by_decision",
    "hide_product",
    "lock_stock",
    "lock_variants",
    "look_up_neighborhoods",
    "mark_sold",
    "pause_product",
    "pause_products_of",
    "publish_new_product",
    "publish_product",
    "read_exact_place",
    "record_view",
    "reject_product",
    "release_hold",
    "remove_favourite",
    "remove_product",
    "renew_product",
    "report_product",
    "restore_product",
    "resume_product",
    "save_brand",
    "save_category",
    "save_question",
    "sell_holds",
    "set_aside",
    "set_variants",
    "take_down_product",
    "take_hold",
    "take_holds",
    "undo_sale",
    "unhide_product",
]
