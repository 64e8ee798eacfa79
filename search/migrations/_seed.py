"""What means the same in the markets that we know, in English and in the Arabic of several countries.

Frozen: later changes are made in the admin.
"""

# One line each, words and phrases between commas. Spelling variants that folding and stems join need no word of their own.
SAME = """
sofa, couch, settee, كنبة, كنب, أريكة, صوفا
corner sofa, sectional, L-shaped sofa, كنبة زاوية, ركنة
sofa bed, كنبة سرير, صوفا بيد
chair, كرسي, كراسي
armchair, كرسي بذراعين, فوتيه
lounge chair, كرسي استرخاء
recliner, كرسي قابل للإمالة, ليزي بوي
office chair, كرسي مكتب, كرسي مكتبي
stool, footstool, مسند للقدم, بوف
table, طاولة, ترابيزة
coffee table, طاولة قهوة, طاولة وسط
dining table, طاولة طعام, سفرة
desk, study table, مكتب, طاولة دراسة
writing desk, مكتب كتابة
bed, سرير, تخت
bunk bed, سرير بطابقين, سرير دورين
mattress, مرتبة, فرشة, مراتب
wardrobe, closet, cupboard, خزانة, دولاب, خزانة ملابس
shelf, bookcase, bookshelf, رف, رفوف, مكتبة كتب
drawer, درج, أدراج
mirror, مرآة, مراية
rug, carpet, سجادة, سجاد, زولية
curtain, ستارة, ستائر, برداية
lamp, light, مصباح, مصابيح, لمبة, أباجورة
chandelier, ثريا, نجفة
vase, مزهرية, فازة
cushion, pillow, وسادة, وسائد, مخدة, مخدات
plant, houseplant, نبتة, نبات, نباتات, زرع
tree, شجرة, أشجار, شجر
painting, artwork, لوحة فنية, لوحة زيتية
oak, بلوط
walnut, جوز
wood, wooden, خشب, خشبي, خشبية
leather, جلد, جلدي
marble, رخام
linen, كتان
velvet, مخمل, قطيفة
wool, صوف
silk, حرير
cotton, قطن
glass, زجاج, زجاجي
brass, copper, نحاس, نحاسي
ceramic, porcelain, خزف, خزفي, سيراميك, بورسلان
handmade, hand made, صناعة يدوية, شغل يدوي, يدوي
phone, mobile, smartphone, cell phone, هاتف, جوال, موبايل, تلفون
iphone, آيفون
ipad, آيباد
macbook, mac book, ماك بوك, ماكبوك
airpods, ear pods, إيربودز, ايربودز
apple watch, ساعة أبل, ساعة آبل
pro, برو
max, ماكس
ultra, ألترا
air, إير, اير
plus, بلس, بلاس
note, نوت
flip, فليب
fold, فولد
galaxy, جالاكسي, غالاكسي, جلاكسي
pixel, بكسل, بيكسل
redmi, ريدمي
thinkpad, ثينك باد, ثنك باد
laptop, notebook, portable computer, لابتوب, لاب توب, حاسوب محمول
computer, pc, desktop, كمبيوتر, حاسوب
tablet, تابلت, جهاز لوحي
television, tv, telly, تلفاز, تلفزيون
monitor, screen, شاشة
camera, كاميرا
lens, عدسة, عدسات
headphones, headset, سماعة رأس, سماعات رأس
earphones, earbuds, سماعة أذن, سماعات أذن
speaker, مكبر صوت, سبيكر
console, game console, جهاز ألعاب
playstation, play station, ps, بلايستيشن, بلاي ستيشن, سوني ستيشن
xbox, x box, إكس بوكس, اكسبوكس
nintendo switch, نينتندو سويتش, ننتندو سويتش
controller, gamepad, joystick, يد تحكم, يد ألعاب, ذراع تحكم
charger, شاحن
cable, سلك, كيبل
printer, طابعة, برنتر
drone, درون, طائرة مسيرة
vacuum cleaner, hoover, مكنسة كهربائية
fridge, refrigerator, ثلاجة, براد
washing machine, washer, غسالة
oven, فرن
microwave, مايكروويف
air conditioner, ac, aircon, مكيف
fan, مروحة
coffee machine, coffee maker, espresso machine, آلة قهوة, ماكينة قهوة, مكينة قهوة, آلة إسبريسو
kettle, غلاية
blender, mixer, خلاط
gb, gigabyte, gigabytes, جيجا, جيجابايت, غيغا, قيقا
inch, بوصة, انش, إنش
ml, millilitre, milliliter, مل, ملل
car, سيارة, سيارات
bicycle, bike, cycle, دراجة, دراجة هوائية, سيكل, عجلة
mountain bike, mtb, دراجة جبلية
road bike, racing bike, دراجة طريق
folding bike, دراجة قابلة للطي
scooter, سكوتر
stroller, pram, pushchair, buggy, عربة أطفال, عربية أطفال, عربة طفل, عربة رضيع
double stroller, twin stroller, عربة مزدوجة, عربة توائم, عربة توأم
bedside lamp, مصباح سرير, مصابيح سرير, أباجورة سرير
crib, cot, baby bed, سرير أطفال, سرير رضع, سرير طفل
travel cot, سرير سفر
magnetic tiles, magnetic blocks, مكعبات مغناطيسية
car seat, كرسي سيارة, مقعد سيارة للأطفال
high chair, كرسي طعام للأطفال
toy, toys, game, لعبة, ألعاب, لعب
blocks, bricks, building blocks, مكعبات
teddy bear, teddy, دب محشو, دبدوب
doll, دمية, عروسة, دمى
baby, infant, newborn, رضيع, رضع, بيبي, مولود
kids, children, child, أطفال, طفل, اولاد
book, كتاب, كتب
novel, رواية, روايات
textbook, school book, كتاب مدرسي, كتب مدرسية, كتب دراسية
vinyl, record, lp, أسطوانة, أسطوانات, فينيل
shirt, قميص, قمصان
t-shirt, tee, تيشيرت, تي شيرت
dress, فستان, فساتين
trousers, pants, بنطلون, بنطال, سروال
jeans, جينز
jacket, coat, جاكيت, معطف, سترة
kandura, dishdasha, thobe, كندورة, دشداشة, ثوب
abaya, عباية, عباءة, عبايات
hijab, headscarf, scarf, حجاب, شيلة, طرحة
sneakers, trainers, running shoes, سنيكرز, حذاء رياضي, أحذية رياضية, جوتي رياضي
shoes, shoe, حذاء, أحذية, جزمة, شوز
heels, high heels, stilettos, كعب, كعب عالي, كعب عالٍ
pumps, كعب كلاسيكي
sandals, صندل, صنادل, نعال
aj, air jordan, jordan, جوردان, اير جوردان
handbag, bag, purse, حقيبة, شنطة, حقائب, شنط
backpack, rucksack, حقيبة ظهر, شنطة ظهر
wallet, محفظة
watch, wristwatch, timepiece, ساعة, ساعة يد, ساعات
submariner, sub, صب مارينر, سبمارينر
speedmaster, سبيدماستر, سبيد ماستر
datejust, ديت جست, ديتجست
sunglasses, shades, نظارة شمسية, نظارات شمسية
ring, خاتم, خواتم, دبلة
necklace, قلادة, عقد, سلسلة
bracelet, سوار, أسورة, اسوارة
earrings, أقراط, حلق
gold, ذهب, ذهبي
silver, فضة, فضي
diamond, ألماس, ماس, الماظ
perfume, fragrance, cologne, eau de parfum, عطر, عطور, برفيوم
incense, bakhoor, بخور
makeup, make-up, cosmetics, مكياج, ميك اب
eyeshadow, ظلال عيون, آيشادو
lipstick, أحمر شفاه, روج
palette, لوحة ألوان, باليت, لوحة ظلال
trading card, card, بطاقة, بطاقات, كرت, كروت
pokemon, بوكيمون
pikachu, بيكاتشو
charizard, تشاريزارد
football, soccer, كرة قدم
basketball, كرة سلة
coin, عملة, عملات
antique, vintage, retro, قديم, أثري, أنتيك, عتيق
chess, شطرنج
guitar, غيتار, جيتار, قيثارة
piano, بيانو
racket, racquet, مضرب, مضارب
tent, خيمة, خيام
camping, تخييم, كشتة
gift, present, هدية, هدايا
box, علبة, صندوق, كرتون
set, kit, طقم, مجموعة
pair, زوج
new, brand new, sealed, جديد, جديدة, مغلق
used, second hand, secondhand, مستعمل, مستعملة
white, أبيض, بيضاء
black, أسود, سوداء
red, أحمر, حمراء
blue, أزرق, زرقاء
green, أخضر, خضراء
yellow, أصفر, صفراء
grey, gray, رمادي, رمادية
brown, بني, بنية
pink, وردي, زهري
small, mini, compact, صغير, صغيرة, ميني
big, large, giant, كبير, كبيرة
single, مفرد
double, twin, twins, مزدوج, مزدوجة, توأم, توائم
king, كينغ, كينج
queen, كوين
pair, زوج
round, circular, دائري, دائرية, مدور
corner, زاوية
folding, foldable, folds, قابل للطي, يطوى
sliding, منزلق, منزلقة
electric, كهربائي, كهربائية
smart, ذكي, ذكية
portable, محمول
magnetic, مغناطيسي, مغناطيسية
wireless, لاسلكي, لاسلكية
bluetooth, بلوتوث
noise cancelling, noise canceling, عازل للضوضاء, عازلة للضوضاء, عزل الضوضاء
outdoor, outdoors, خارجي, خارجية
indoor, indoors, داخلي, داخلية
travel, سفر
beach, شاطئ, بحر
desert, صحراء, صحراوي, صحراوية
winter, شتاء, شتوي, شتوية
summer, صيف, صيفي, صيفية
eid, عيد
ramadan, رمضان
wedding, bridal, زفاف, عرس
wedding ring, wedding band, خاتم زفاف, خواتم زفاف, دبلة زواج
men, mens, رجالي, رجال
women, womens, ladies, نسائي, نساء
boys, ولادي, أولاد
girls, بناتي, بنات
school, مدرسة, مدرسي, مدرسية
kitchen, مطبخ
living room, صالة, غرفة جلوس, غرفة معيشة
bedroom, bedside, غرفة نوم, بجانب السرير
storage, تخزين
frame, هيكل, إطار
cover, case, غطاء, كفر, حافظة
handle, مقبض
cushion cover, غطاء وسادة
pot, planter, أصيص, أصص
olive, زيتون
rose, roses, ورد, وردة
palm, نخلة, نخيل
persian, فارسي, فارسية
turkish, تركي, تركية
moroccan, berber, مغربي, بربري, بربرية
italian, إيطالي, إيطالية
damascus, damascene, دمشق, دمشقي, دمشقية
egyptian, مصري, مصرية
emirati, uae, إماراتي, إماراتية, الإمارات
gulf, خليج, خليجي, خليجية
arabic, عربي, عربية, بالعربية
english, إنجليزي, إنجليزية
commemorative, memorial, تذكاري, تذكارية
limited edition, إصدار محدود
first edition, طبعة أولى, الطبعة الأولى
original, genuine, authentic, أصلي, أصلية
embroidered, embroidery, مطرز, مطرزة, تطريز
striped, مخطط
pearl, pearls, لؤلؤ
steel, stainless steel, فولاذ, ستانلس ستيل
plastic, بلاستيك
bamboo, خيزران
rattan, wicker, روطان, راتان
carbon, كربون, كاربون
rubber, مطاط
oud, عود
musk, مسك
keyboard, لوحة مفاتيح, كيبورد
mouse, فأرة, ماوس
gaming, games, gamer, ألعاب, قيمنق, جيمنج
video, vlog, vlogging, فيديو, تصوير فيديو
photography, تصوير
memory card, كرت ذاكرة, بطاقة ذاكرة
battery, بطارية
world cup, كأس العالم
messi, ميسي
ronaldo, رونالدو
salah, صلاح
fairuz, فيروز
umm kulthum, om kalthoum, oum kalthoum, أم كلثوم
tennis, تنس
padel, بادل
swimming, سباحة
fishing, صيد
gym, fitness, رياضة, لياقة, جيم
treadmill, جهاز مشي, سير كهربائي
nike, نايكي, نايك
adidas, أديداس, اديداس
yeezy, يزي
"""

# From a wider word to what it may mean; whoever looks for the narrower one does not want all of the wider.
ONE_WAY = """
يد: controller
عربة: stroller
earphones: airpods, headphones
headphones: airpods
phone: iphone, galaxy, pixel, redmi
laptop: macbook, thinkpad
tablet: ipad
console: playstation, xbox, nintendo switch
games console: playstation, xbox, nintendo switch
chair: armchair, recliner
armchair: lounge chair, recliner
table: desk
sneakers: jordan, dunk, samba, yeezy
music instrument: guitar, oud, piano, عود
musical instrument: guitar, oud, piano, عود
آلة موسيقية: guitar, oud, piano, عود, بيانو, غيتار
jewelry: ring, necklace, bracelet, earrings
jewellery: ring, necklace, bracelet, earrings, jewelry
مجوهرات: خاتم, قلادة, سوار
سماعة: headphones, airpods, سماعات
بايسكل: bicycle
speaker: soundbar
"""


def seed(synonym_model: type) -> None:
    """Write all of it into an empty table; what an operator has stays."""
    if synonym_model.objects.exists():
        return
    rows = [synonym_model(words=_words(line)) for line in SAME.strip().splitlines()]
    for line in ONE_WAY.strip().splitlines():
        said, _, means = line.partition(":")
        rows.append(synonym_model(one_way_from=said.strip(), words=_words(means)))
    synonym_model.objects.bulk_create(rows)


def _words(line: str) -> list[str]:
    return [word.strip() for word in line.split(",")]
