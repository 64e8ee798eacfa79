"""The first rules of the house, in both languages. Staff edit them in the console; this migration never overwrites theirs."""

from django.db import migrations

POLICIES = [
    (
        "1.1", "prohibited-goods", 4, "Prohibited goods", "سلع ممنوعة",
        "This kind of item may not be sold on Souk Loop. Our rules list what is prohibited.",
        "لا يُسمح ببيع هذا النوع من السلع على سوق لوب. تجد قائمة السلع الممنوعة في قواعدنا.",
    ),
    (
        "1.2", "licence-needed", 2, "Goods that need a licence", "سلع تحتاج إلى ترخيص",
        "This item may be sold only with a licence that we have not seen. Send us the licence and publish it again.",
        "لا تُباع هذه السلعة إلا بترخيص لم نطّلع عليه بعد. أرسل إلينا الترخيص ثم انشر الإعلان من جديد.",
    ),
    (
        "1.3", "counterfeits", 3, "Counterfeits and replicas", "سلع مقلّدة",
        "Counterfeits and replicas of brands may not be sold, also when the listing says that they are copies.",
        "لا يُسمح ببيع السلع المقلّدة أو نسخ العلامات التجارية، حتى لو ذكر الإعلان أنها نسخة.",
    ),
    (
        "2.1", "misleading-listing", 2, "Misleading description or pictures", "وصف أو صور مضلّلة",
        "The pictures or the description do not match the item. Show and describe the very thing that you sell.",
        "الصور أو الوصف لا يطابقان السلعة. صوّر السلعة التي تبيعها نفسها وصِفها كما هي.",
    ),
    (
        "2.2", "repeated-listings", 1, "Repeated listings and spam", "إعلانات مكرّرة أو مزعجة",
        "The same item is listed several times, or the listing is an advertisement. One listing for each item is enough.",
        "السلعة نفسها معروضة أكثر من مرة، أو أن الإعلان دعاية. يكفي إعلان واحد لكل سلعة.",
    ),
    (
        "2.3", "wrong-place", 1, "Wrong category or incomplete listing", "قسم غير مناسب أو إعلان ناقص",
        "The listing is in the wrong category, or says too little for a buyer. Correct it and publish it again.",
        "الإعلان في قسم غير مناسب، أو معلوماته لا تكفي المشتري. صحّحه ثم انشره من جديد.",
    ),
    (
        "3.1", "fraud", 4, "Fraud", "احتيال",
        "What you offer or how you deal with buyers looks like fraud. We protect people on both sides of a sale.",
        "ما تعرضه أو طريقة تعاملك مع المشترين يبدو احتيالًا، ونحن نحمي طرفي البيع.",
    ),
    (
        "3.2", "off-platform-payment", 3, "Payment outside Souk Loop", "الدفع خارج سوق لوب",
        "Listings may not move payment outside Souk Loop: there, neither side is protected.",
        "لا يجوز أن يطلب الإعلان الدفع خارج سوق لوب، فهناك لا حماية لأي من الطرفين.",
    ),
    (
        "3.3", "contact-details", 1, "Contact details in a listing", "بيانات الاتصال في الإعلان",
        "Leave phone numbers, addresses and links out of listings. Buyers can write to you here.",
        "لا تضع أرقام الهواتف أو العناوين أو الروابط في الإعلان، فالمشترون يستطيعون مراسلتك هنا.",
    ),
    (
        "4.1", "harassment", 3, "Harassment and hate", "مضايقة وكراهية",
        "Threats, insults and hate have no place here, towards anybody.",
        "لا مكان هنا للتهديد أو الإهانة أو خطاب الكراهية تجاه أي شخص.",
    ),
    (
        "4.2", "offensive-content", 3, "Sexual or violent content", "محتوى جنسي أو عنيف",
        "Pictures or words of a sexual or violent kind may not be shown here.",
        "لا يُسمح بعرض صور أو عبارات جنسية أو عنيفة هنا.",
    ),
    (
        "4.3", "fake-account", 3, "Fake account or impersonation", "حساب مزيّف أو انتحال شخصية",
        "An account must be a real person's or business's own. This one pretends to be somebody else, or evades an earlier decision.",
        "يجب أن يكون الحساب لصاحبه الحقيقي، شخصًا كان أو منشأة. هذا الحساب ينتحل صفة غيره أو يتحايل على قرار سابق.",
    ),
    (
        "4.4", "privacy-of-others", 3, "Privacy of others", "خصوصية الآخرين",
        "Do not show other people's personal data: numbers, addresses, documents, or pictures of them taken without consent.",
        "لا تعرض بيانات الآخرين الشخصية، كالأرقام والعناوين والوثائق أو صورهم الملتقطة دون موافقتهم.",
    ),
    (
        "5.1", "serious-breach", 3, "Serious or repeated breach of the rules", "مخالفة جسيمة أو متكرّرة",
        "You broke our rules seriously or several times.",
        "خالفت قواعدنا مخالفة جسيمة أو أكثر من مرة.",
    ),
]


def add_policies(apps, schema_editor):
    policy = apps.get_model("moderation", "Policy")
    for number, slug, severity, title_en, title_ar, reason_en, reason_ar in POLICIES:
        policy.objects.get_or_create(
            slug=slug,
            defaults={
                "number": number,
                "severity": severity,
                "title_en": title_en,
                "title_ar": title_ar,
                "reason_en": reason_en,
                "reason_ar": reason_ar,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("moderation", "0002_case_facts_and_numbers")]
    operations = [migrations.RunPython(add_policies, migrations.RunPython.noop)]
