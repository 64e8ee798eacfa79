"""The shelves, questions and brands that a new marketplace starts with. Frozen: later changes are made in the admin."""

# slug, icon (lucide), colour, English, Arabic
CATEGORIES = (
    ("trading_cards", "wallet-cards", "#7C5CBF", "Trading Card Games", "ألعاب البطاقات"),
    ("mens_fashion", "shirt", "#3D6B8C", "Men's Fashion", "أزياء رجالية"),
    ("sneakers", "sport-shoe", "#C2573A", "Sneakers & Streetwear", "أحذية رياضية وأزياء الشارع"),
    ("sports_cards", "trophy", "#B7791F", "Sports Cards", "بطاقات رياضية"),
    ("collectibles", "puzzle", "#A34E78", "Collectibles", "مقتنيات"),
    ("electronics", "smartphone", "#2F6F73", "Electronics", "إلكترونيات"),
    ("home_decor", "lamp", "#9A6B3F", "Home & Decor", "المنزل والديكور"),
    ("beauty", "perfume-bottle", "#B8527A", "Beauty & Cosmetics", "الجمال ومستحضرات التجميل"),
    ("kids_baby", "baby", "#4F7FB5", "Kids & Baby", "الأطفال والرضع"),
    ("furniture", "sofa", "#6B7A3F", "Furniture", "أثاث"),
    ("books", "book-open", "#7A5C45", "Books & Media", "كتب ووسائط"),
    ("other", "shapes", "#64748B", "Other", "أخرى"),
    ("luxury", "crown", "#8A6D1D", "Luxury", "فاخرة"),
)
LUXURY = (
    ("watches", "watch", "#5B5F97", "Watches", "ساعات"),
    ("bags", "handbag", "#9C4A5B", "Bags", "حقائب"),
    ("jewelry", "gem", "#2E7D84", "Jewelry", "مجوهرات"),
    ("clothing", "shirt", "#6A4C93", "Clothing", "ملابس"),
    ("shoes", "footprints", "#A3562B", "Shoes", "أحذية"),
    ("accessories", "glasses", "#4A6741", "Accessories", "إكسسوارات"),
)


def _choices(*rows: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"value": value, "name_en": en, "name_ar": ar} for value, en, ar in rows]


def _plain(*values: str) -> list[dict[str, str]]:
    """Choices that read the same in both languages: sizes, purities."""
    return [{"value": v.lower().replace(" ", "_").replace("½", "_5"), "name_en": v, "name_ar": v} for v in values]


COLORS = _choices(
    ("black", "Black", "أسود"),
    ("white", "White", "أبيض"),
    ("grey", "Grey", "رمادي"),
    ("silver", "Silver", "فضي"),
    ("gold", "Gold", "ذهبي"),
    ("brown", "Brown", "بني"),
    ("beige", "Beige", "بيج"),
    ("red", "Red", "أحمر"),
    ("pink", "Pink", "وردي"),
    ("orange", "Orange", "برتقالي"),
    ("yellow", "Yellow", "أصفر"),
    ("green", "Green", "أخضر"),
    ("blue", "Blue", "أزرق"),
    ("navy", "Navy", "كحلي"),
    ("purple", "Purple", "بنفسجي"),
    ("multicolor", "Several colours", "متعدد الألوان"),
)
CLOTHES_SIZES = _plain("XS", "S", "M", "L", "XL", "XXL", "3XL")
SHOE_SIZES = _plain(*[str(n) for n in range(35, 49)])
WARRANTY = _choices(
    ("none", "No warranty", "بدون ضمان"),
    ("shop", "Shop warranty", "ضمان المتجر"),
    ("maker", "Maker's warranty", "ضمان المصنع"),
)
SEASON = _choices(
    ("all_year", "All year", "طوال العام"),
    ("summer", "Summer", "صيف"),
    ("winter", "Winter", "شتاء"),
)
LANGUAGES = _choices(
    ("en", "English", "الإنجليزية"),
    ("ar", "Arabic", "العربية"),
    ("ja", "Japanese", "اليابانية"),
    ("fr", "French", "الفرنسية"),
    ("other", "Another", "أخرى"),
)
GRADER = _choices(("none", "Not graded", "غير مقيّمة"), ("psa", "PSA", "PSA"), ("bgs", "BGS", "BGS"), ("cgc", "CGC", "CGC"))
FURNITURE_MATERIAL = _choices(
    ("wood", "Wood", "خشب"),
    ("metal", "Metal", "معدن"),
    ("glass", "Glass", "زجاج"),
    ("fabric", "Fabric", "قماش"),
    ("leather", "Leather", "جلد"),
    ("marble", "Marble", "رخام"),
    ("rattan", "Rattan", "روطان"),
    ("plastic", "Plastic", "بلاستيك"),
)
HOME_MATERIAL = _choices(
    ("ceramic", "Ceramic", "خزف"),
    ("glass", "Glass", "زجاج"),
    ("metal", "Metal", "معدن"),
    ("wood", "Wood", "خشب"),
    ("fabric", "Fabric", "قماش"),
    ("stone", "Stone", "حجر"),
    ("plastic", "Plastic", "بلاستيك"),
)
BAG_MATERIAL = _choices(
    ("leather", "Leather", "جلد"),
    ("exotic", "Exotic leather", "جلد نادر"),
    ("canvas", "Canvas", "قنب"),
    ("fabric", "Fabric", "قماش"),
)
WATCH_MATERIAL = _choices(
    ("steel", "Steel", "فولاذ"),
    ("yellow_gold", "Yellow gold", "ذهب أصفر"),
    ("white_gold", "White gold", "ذهب أبيض"),
    ("rose_gold", "Rose gold", "ذهب وردي"),
    ("platinum", "Platinum", "بلاتين"),
    ("titanium", "Titanium", "تيتانيوم"),
    ("ceramic", "Ceramic", "سيراميك"),
)
METAL = _choices(
    ("yellow_gold", "Yellow gold", "ذهب أصفر"),
    ("white_gold", "White gold", "ذهب أبيض"),
    ("rose_gold", "Rose gold", "ذهب وردي"),
    ("platinum", "Platinum", "بلاتين"),
    ("silver", "Silver", "فضة"),
)
MOVEMENT = _choices(("automatic", "Automatic", "أوتوماتيك"), ("manual", "Manual", "يدوي"), ("quartz", "Quartz", "كوارتز"))
CERTIFICATE = _choices(("none", "None", "لا يوجد"), ("gia", "GIA", "GIA"), ("igi", "IGI", "IGI"), ("other", "Another", "أخرى"))
SKIN = _choices(
    ("all", "All", "جميع الأنواع"),
    ("dry", "Dry", "جافة"),
    ("oily", "Oily", "دهنية"),
    ("mixed", "Mixed", "مختلطة"),
    ("sensitive", "Sensitive", "حساسة"),
)
AGE = _choices(
    ("0_12m", "0–12 months", "٠–١٢ شهرًا"),
    ("1_3y", "1–3 years", "١–٣ سنوات"),
    ("4_7y", "4–7 years", "٤–٧ سنوات"),
    ("8_12y", "8–12 years", "٨–١٢ سنة"),
)
FORMAT = _choices(
    ("hardcover", "Hardcover", "غلاف مقوى"),
    ("paperback", "Paperback", "غلاف ورقي"),
    ("vinyl", "Vinyl", "أسطوانة"),
    ("cd", "CD", "قرص مدمج"),
    ("dvd", "DVD or Blu-ray", "دي في دي أو بلو راي"),
    ("game", "Game", "لعبة"),
)
STORAGE = _plain("64 GB", "128 GB", "256 GB", "512 GB", "1 TB", "2 TB")
DEVICE = _choices(
    ("phone", "Phone", "هاتف"),
    ("tablet", "Tablet", "جهاز لوحي"),
    ("laptop", "Laptop", "حاسوب محمول"),
    ("desktop", "Desktop computer", "حاسوب مكتبي"),
    ("camera", "Camera", "كاميرا"),
    ("audio", "Audio", "صوتيات"),
    ("tv", "Television", "تلفاز"),
    ("console", "Game console", "جهاز ألعاب"),
    ("wearable", "Wearable", "جهاز قابل للارتداء"),
    ("appliance", "Home appliance", "جهاز منزلي"),
    ("other", "Another", "أخرى"),
)

# key, English, Arabic, kind, and what else differs from the model's defaults
_COLOR = ("color", "Colour", "اللون", "choice", {"choices": COLORS})
_SIZE = ("size", "Size", "المقاس", "choice", {"choices": CLOTHES_SIZES})
_SHOE = ("shoe_size", "Size (EU)", "المقاس (أوروبي)", "choice", {"choices": SHOE_SIZES})
_SEASON = ("season", "Season", "الموسم", "choice", {"choices": SEASON})
_WARRANTY = ("warranty", "Warranty", "الضمان", "choice", {"choices": WARRANTY})
_GRADER = ("grader", "Graded by", "جهة التقييم", "choice", {"choices": GRADER})
_GRADE = ("grade", "Grade", "التقييم", "number", {"minimum": 1, "maximum": 10})
_MODEL = ("model", "Model", "الموديل", "text", {"is_filter": False})
_WIDTH = ("width", "Width", "العرض", "number", {"minimum": 1, "maximum": 1000, "unit": "cm"})
_HEIGHT = ("height", "Height", "الارتفاع", "number", {"minimum": 1, "maximum": 1000, "unit": "cm"})
_DEPTH = ("depth", "Depth", "العمق", "number", {"minimum": 1, "maximum": 1000, "unit": "cm"})
_BOX = ("original_box", "Original box", "العلبة الأصلية", "flag", {})
_YEAR = ("year", "Year", "السنة", "year", {})

ATTRIBUTES = {
    "trading_cards": (
        ("game", "Game", "اللعبة", "text", {}),
        ("card_set", "Set", "المجموعة", "text", {"is_filter": False}),
        ("language", "Language", "اللغة", "choice", {"choices": LANGUAGES}),
        _GRADER,
        _GRADE,
        _YEAR,
    ),
    "mens_fashion": (_SIZE, _COLOR, _SEASON, ("fabric", "Fabric", "القماش", "text", {"is_filter": False})),
    "sneakers": (_SHOE, _SIZE, _COLOR, _MODEL, _BOX, _YEAR),
    "sports_cards": (
        ("sport", "Sport", "الرياضة", "text", {}),
        ("player", "Player", "اللاعب", "text", {}),
        _YEAR,
        _GRADER,
        _GRADE,
    ),
    "collectibles": (
        _YEAR,
        ("theme", "Theme", "الموضوع", "text", {}),
        ("edition", "Edition", "الإصدار", "text", {"is_filter": False}),
        ("certificate", "Certificate of authenticity", "شهادة أصالة", "flag", {}),
    ),
    "electronics": (
        ("device", "Kind of device", "نوع الجهاز", "choice", {"choices": DEVICE}),
        _MODEL,
        ("storage", "Storage", "سعة التخزين", "choice", {"choices": STORAGE}),
        _COLOR,
        _YEAR,
        _WARRANTY,
        ("battery_health", "Battery health", "صحة البطارية", "number", {"minimum": 1, "maximum": 100, "unit": "%"}),
    ),
    "home_decor": (
        ("material", "Material", "الخامة", "choice", {"choices": HOME_MATERIAL}),
        _COLOR,
        _WIDTH,
        _HEIGHT,
        _DEPTH,
    ),
    "beauty": (
        ("volume", "Volume", "الحجم", "number", {"minimum": 1, "maximum": 5000, "unit": "ml"}),
        ("skin_type", "Skin type", "نوع البشرة", "choice", {"choices": SKIN}),
        ("shade", "Shade", "الدرجة", "text", {"is_filter": False}),
        ("sealed", "Sealed", "مختوم", "flag", {}),
        ("expiry_year", "Best before (year)", "سنة انتهاء الصلاحية", "year", {}),
    ),
    "kids_baby": (
        ("age", "Age", "العمر", "choice", {"choices": AGE}),
        _COLOR,
        ("washable", "Washable", "قابل للغسل", "flag", {}),
    ),
    "furniture": (
        ("material", "Material", "الخامة", "choice", {"choices": FURNITURE_MATERIAL}),
        _COLOR,
        _WIDTH,
        _HEIGHT,
        _DEPTH,
        ("needs_assembly", "Needs assembly", "يحتاج إلى تركيب", "flag", {}),
    ),
    "books": (
        ("author", "Author or artist", "المؤلف أو الفنان", "text", {}),
        ("language", "Language", "اللغة", "choice", {"choices": LANGUAGES}),
        ("format", "Format", "الصيغة", "choice", {"choices": FORMAT}),
        _YEAR,
        ("isbn", "ISBN", "ردمك", "text", {"is_filter": False}),
    ),
    "luxury": (
        _COLOR,
        _YEAR,
        ("receipt", "Receipt or papers", "فاتورة أو أوراق", "flag", {}),
        _BOX,
    ),
    "watches": (
        ("reference", "Reference number", "الرقم المرجعي", "text", {"is_filter": False}),
        ("movement", "Movement", "الحركة", "choice", {"choices": MOVEMENT, "is_required": True}),
        ("case_size", "Case size", "قطر العلبة", "number", {"minimum": 10, "maximum": 70, "unit": "mm"}),
        ("case_material", "Case material", "خامة العلبة", "choice", {"choices": WATCH_MATERIAL}),
        ("bracelet", "Bracelet", "السوار", "text", {"is_filter": False}),
    ),
    "bags": (
        ("material", "Material", "الخامة", "choice", {"choices": BAG_MATERIAL, "is_required": True}),
        ("hardware", "Hardware colour", "لون القطع المعدنية", "choice", {"choices": COLORS}),
        ("date_code", "Date code", "رمز التاريخ", "text", {"is_filter": False}),
        ("dust_bag", "Dust bag", "كيس حفظ", "flag", {}),
        _WIDTH,
        _HEIGHT,
    ),
    "jewelry": (
        ("metal", "Metal", "المعدن", "choice", {"choices": METAL, "is_required": True}),
        ("purity", "Purity", "العيار", "choice", {"choices": _plain("9K", "14K", "18K", "21K", "22K", "24K", "925", "950")}),
        ("gemstone", "Gemstone", "الحجر الكريم", "text", {}),
        ("carat", "Carat weight", "الوزن بالقيراط", "number", {"minimum": 0.01, "maximum": 500, "unit": "ct"}),
        ("certification", "Certificate", "الشهادة", "choice", {"choices": CERTIFICATE}),
    ),
    "clothing": (_SIZE, ("fabric", "Fabric", "القماش", "text", {"is_filter": False}), _SEASON),
    "shoes": (_SHOE, ("material", "Material", "الخامة", "choice", {"choices": BAG_MATERIAL})),
    "accessories": (("material", "Material", "الخامة", "text", {"is_filter": False}),),
}

# slug, English, Arabic, is luxury
BRANDS = (
    ("rolex", "Rolex", "رولكس", True),
    ("patek-philippe", "Patek Philippe", "باتيك فيليب", True),
    ("audemars-piguet", "Audemars Piguet", "أوديمار بيغه", True),
    ("omega", "Omega", "أوميغا", True),
    ("cartier", "Cartier", "كارتييه", True),
    ("tag-heuer", "TAG Heuer", "تاغ هوير", True),
    ("hermes", "Hermès", "هيرميس", True),
    ("chanel", "Chanel", "شانيل", True),
    ("louis-vuitton", "Louis Vuitton", "لويس فويتون", True),
    ("gucci", "Gucci", "غوتشي", True),
    ("dior", "Dior", "ديور", True),
    ("prada", "Prada", "برادا", True),
    ("fendi", "Fendi", "فندي", True),
    ("bvlgari", "Bvlgari", "بولغاري", True),
    ("van-cleef-arpels", "Van Cleef & Arpels", "فان كليف آند آربلز", True),
    ("tiffany-co", "Tiffany & Co.", "تيفاني آند كو", True),
    ("balenciaga", "Balenciaga", "بالنسياغا", True),
    ("saint-laurent", "Saint Laurent", "سان لوران", True),
    ("apple", "Apple", "أبل", False),
    ("samsung", "Samsung", "سامسونج", False),
    ("sony", "Sony", "سوني", False),
    ("lg", "LG", "إل جي", False),
    ("huawei", "Huawei", "هواوي", False),
    ("xiaomi", "Xiaomi", "شاومي", False),
    ("google", "Google", "جوجل", False),
    ("microsoft", "Microsoft", "مايكروسوفت", False),
    ("nintendo", "Nintendo", "نينتندو", False),
    ("canon", "Canon", "كانون", False),
    ("nikon", "Nikon", "نيكون", False),
    ("dji", "DJI", "دي جي آي", False),
    ("bose", "Bose", "بوز", False),
    ("jbl", "JBL", "جي بي إل", False),
    ("dell", "Dell", "ديل", False),
    ("hp", "HP", "إتش بي", False),
    ("lenovo", "Lenovo", "لينوفو", False),
    ("asus", "Asus", "أسوس", False),
    ("dyson", "Dyson", "دايسون", False),
    ("philips", "Philips", "فيليبس", False),
    ("nike", "Nike", "نايكي", False),
    ("jordan", "Jordan", "جوردان", False),
    ("adidas", "Adidas", "أديداس", False),
    ("puma", "Puma", "بوما", False),
    ("new-balance", "New Balance", "نيو بالانس", False),
    ("asics", "Asics", "أسيكس", False),
    ("converse", "Converse", "كونفرس", False),
    ("supreme", "Supreme", "سوبريم", False),
    ("zara", "Zara", "زارا", False),
    ("h-m", "H&M", "إتش آند إم", False),
    ("levis", "Levi's", "ليفايز", False),
    ("tommy-hilfiger", "Tommy Hilfiger", "تومي هيلفيغر", False),
    ("ralph-lauren", "Ralph Lauren", "رالف لورين", False),
    ("ikea", "IKEA", "إيكيا", False),
    ("home-centre", "Home Centre", "هوم سنتر", False),
    ("pottery-barn", "Pottery Barn", "بوتري بارن", False),
    ("mac", "MAC", "ماك", False),
    ("huda-beauty", "Huda Beauty", "هدى بيوتي", False),
    ("sephora", "Sephora", "سيفورا", False),
    ("ajmal", "Ajmal", "أجمل", False),
    ("lego", "LEGO", "ليغو", False),
    ("pokemon", "Pokémon", "بوكيمون", False),
    ("panini", "Panini", "بانيني", False),
    ("topps", "Topps", "توبس", False),
    ("funko", "Funko", "فانكو", False),
    ("chicco", "Chicco", "شيكو", False),
    ("bugaboo", "Bugaboo", "بوغابو", False),
    ("stokke", "Stokke", "ستوكي", False),
)


def seed(category_model: type, attribute_model: type, brand_model: type) -> None:
    """Write whatever of it is missing; what is there stays as the operator left it."""
    by_slug = {}
    for parent, rows in ((None, CATEGORIES), ("luxury", LUXURY)):
        for position, (slug, icon, color, name_en, name_ar) in enumerate(rows, start=1):
            by_slug[slug], _ = category_model.objects.get_or_create(
                slug=slug,
                defaults={
                    "icon": icon,
                    "color": color,
                    "name_en": name_en,
                    "name_ar": name_ar,
                    "position": position * 10,
                    "parent": by_slug[parent] if parent else None,
                    "is_luxury": parent == "luxury" or slug == "luxury",
                },
            )
    for slug, questions in ATTRIBUTES.items():
        for position, (key, name_en, name_ar, kind, rest) in enumerate(questions, start=1):
            attribute_model.objects.get_or_create(
                category=by_slug[slug],
                key=key,
                defaults={"name_en": name_en, "name_ar": name_ar, "kind": kind, "position": position * 10, **rest},
            )
    brand_model.objects.bulk_create(
        [brand_model(slug=s, name_en=en, name_ar=ar, is_luxury=lux) for s, en, ar, lux in BRANDS], ignore_conflicts=True
    )
