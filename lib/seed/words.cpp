#include "seed/words.h"

#include <array>

namespace aforro::seed {
namespace {

constexpr std::array kColours{SeedOption{"Ink Blue", 100},   SeedOption{"Oat", 100},
                              SeedOption{"Moss Green", 100}, SeedOption{"Charcoal", 100},
                              SeedOption{"Terracotta", 100}, SeedOption{"Chalk White", 100},
                              SeedOption{"Plum", 100},       SeedOption{"Mustard", 100}};
constexpr std::array kFinishes{SeedOption{"Black", 100}, SeedOption{"White", 100}, SeedOption{"Silver", 100},
                               SeedOption{"Graphite", 100}, SeedOption{"Sage", 105}};
constexpr std::array kMetals{SeedOption{"Brushed Steel", 100}, SeedOption{"Matt Black", 100},
                             SeedOption{"Copper", 115}, SeedOption{"Brass", 110}};
constexpr std::array kWoods{SeedOption{"Oak", 100}, SeedOption{"Walnut", 125}, SeedOption{"Ash", 95},
                            SeedOption{"Cherry", 110}};
constexpr std::array kHandles{SeedOption{"Beech Handle", 100}, SeedOption{"Walnut Handle", 115},
                              SeedOption{"Olive Wood Handle", 125}};
constexpr std::array kLeathers{SeedOption{"Black", 100},    SeedOption{"Tan", 100},
                               SeedOption{"Chestnut", 100}, SeedOption{"Navy", 100},
                               SeedOption{"Stone", 100},    SeedOption{"Forest", 100}};
constexpr std::array kSizes{SeedOption{"Small", 100}, SeedOption{"Medium", 125}, SeedOption{"Large", 160}};
constexpr std::array kSets{SeedOption{"Set of 2", 100}, SeedOption{"Set of 4", 185},
                           SeedOption{"Set of 6", 265}};
constexpr std::array kScents{
    SeedOption{"Bergamot", 100}, SeedOption{"Cedar", 100},          SeedOption{"Fig", 100},
    SeedOption{"Lavender", 100}, SeedOption{"Orange Blossom", 100}, SeedOption{"Unscented", 90}};
constexpr std::array kWeights{SeedOption{"250 g", 100}, SeedOption{"500 g", 185}, SeedOption{"1 kg", 340}};
constexpr std::array kSmallWeights{SeedOption{"50 g", 100}, SeedOption{"100 g", 180},
                                   SeedOption{"250 g", 400}};
constexpr std::array kVolumes{SeedOption{"250 ml", 100}, SeedOption{"500 ml", 180}, SeedOption{"1 l", 320}};
constexpr std::array kFlasks{SeedOption{"500 ml", 100}, SeedOption{"750 ml", 115}, SeedOption{"1 l", 130}};
constexpr std::array kPots{SeedOption{"350 ml", 100}, SeedOption{"600 ml", 130}, SeedOption{"1 l", 160}};
constexpr std::array kPans{SeedOption{"20 cm", 100}, SeedOption{"24 cm", 120}, SeedOption{"28 cm", 145}};
constexpr std::array kCasseroles{SeedOption{"3 l", 100}, SeedOption{"5 l", 135}, SeedOption{"7 l", 170}};
constexpr std::array kCups{SeedOption{"1 Cup", 100}, SeedOption{"2 Cups", 120}, SeedOption{"4 Cups", 150}};
constexpr std::array kStorage{SeedOption{"128 GB", 100}, SeedOption{"256 GB", 118}, SeedOption{"512 GB", 145},
                              SeedOption{"1 TB", 180}};
constexpr std::array kScreens{SeedOption{"24 in", 100}, SeedOption{"27 in", 135}, SeedOption{"32 in", 185}};
constexpr std::array kBatteries{SeedOption{"10,000 mAh", 100}, SeedOption{"20,000 mAh", 160}};
constexpr std::array kCables{SeedOption{"1 m", 100}, SeedOption{"2 m", 135}, SeedOption{"5 m", 210}};
constexpr std::array kStrings{SeedOption{"5 m", 100}, SeedOption{"10 m", 160}, SeedOption{"20 m", 270}};
constexpr std::array kHoses{SeedOption{"15 m", 100}, SeedOption{"25 m", 150}, SeedOption{"50 m", 270}};
constexpr std::array kBulbs{SeedOption{"E27", 100}, SeedOption{"E14", 100}, SeedOption{"GU10", 105}};
constexpr std::array kBeds{SeedOption{"Single", 100}, SeedOption{"Double", 140}, SeedOption{"King", 175}};
constexpr std::array kPillows{SeedOption{"Soft", 100}, SeedOption{"Medium", 100}, SeedOption{"Firm", 100}};
constexpr std::array kDenims{SeedOption{"Indigo", 100}, SeedOption{"Stone Wash", 105},
                             SeedOption{"Black", 100}, SeedOption{"Raw", 115}};
constexpr std::array kTents{SeedOption{"2 Persons", 100}, SeedOption{"3 Persons", 130},
                            SeedOption{"4 Persons", 165}};
constexpr std::array kPacks{SeedOption{"20 l", 100}, SeedOption{"35 l", 140}, SeedOption{"50 l", 185}};
constexpr std::array kCoolers{SeedOption{"12 l", 100}, SeedOption{"24 l", 150}, SeedOption{"40 l", 215}};
constexpr std::array kPackets{SeedOption{"Packet", 100}, SeedOption{"Large Packet", 180},
                              SeedOption{"Gift Tin", 320}};
constexpr std::array kPieces{SeedOption{"500 Pieces", 100}, SeedOption{"1,000 Pieces", 130},
                             SeedOption{"2,000 Pieces", 190}};
constexpr std::array kBlocks{SeedOption{"30 Pieces", 100}, SeedOption{"60 Pieces", 170},
                             SeedOption{"120 Pieces", 300}};
constexpr std::array kDecks{SeedOption{"One Deck", 100}, SeedOption{"Two Decks", 180}};
constexpr std::array kPapers{SeedOption{"A6", 80}, SeedOption{"A5", 100}, SeedOption{"A4", 140}};
constexpr std::array kNibs{SeedOption{"Fine", 100}, SeedOption{"Medium", 100}, SeedOption{"Broad", 100}};
constexpr std::array kBoxes{SeedOption{"Box of 6", 100}, SeedOption{"Box of 12", 180},
                            SeedOption{"Box of 24", 330}};
constexpr std::array kInks{SeedOption{"Midnight", 100}, SeedOption{"Sepia", 100}, SeedOption{"Pine", 100},
                           SeedOption{"Oxblood", 100}, SeedOption{"Slate", 100}};

constexpr std::array kAudio{
    SeedGood{"Headphones", "Wireless|Noise-Cancelling|Studio|Folding|Over-Ear|Travel", kColours, 39, 349,
             "Soft cups, a light band and a sound that leaves the tram outside."},
    SeedGood{"Earbuds", "Wireless|Sports|Waterproof|Noise-Cancelling|Compact|Bedtime", kColours, 25, 199,
             "Small enough to forget until the chorus comes."},
    SeedGood{"Speaker", "Wireless|Portable|Bookshelf|Waterproof|Smart|Party", kFinishes, 35, 299,
             "Fills a kitchen with music and spares the neighbours."},
    SeedGood{"Soundbar", "Compact|Wireless|Cinema|Wall-Mounted|Slim|Surround", kFinishes, 89, 599,
             "Makes the whispers in films loud enough to follow."},
    SeedGood{"Turntable", "Belt-Drive|Direct-Drive|Automatic|Portable|Wireless|Hi-Fi", kWoods, 119, 699,
             "Steady at 33 and at 45, and gentle with old records."},
    SeedGood{"Microphone", "Condenser|Podcast|USB|Studio|Ribbon|Vocal", kFinishes, 45, 329,
             "Hears the voice and not the room."},
    SeedGood{"Radio", "Digital|Kitchen|Shower|World Band|Alarm Clock|Solar", kColours, 29, 189,
             "One large dial, two presets and the news on the hour."},
    SeedGood{"Amplifier", "Stereo|Valve|Headphone|Compact|Bookshelf|Integrated", kFinishes, 99, 899,
             "Warms up in a minute and stays honest at any volume."},
    SeedGood{"Headset", "Gaming|Office|Wireless|USB|Single-Ear|Conference", kFinishes, 29, 179,
             "For calls that run long: light, clear, with a mute button one can find in the dark."},
    SeedGood{"Audio Cable", "Braided|Gold-Plated|Optical|Extension|Shielded|Right-Angle", kCables, 6, 35,
             "Carries music from one thing to another and adds nothing of its own."},
};

constexpr std::array kComputers{
    SeedGood{"Laptop", "Thin|Everyday|Gaming|Student|Studio|Business", kStorage, 449, 1499,
             "A quiet fan, a bright screen and a battery that outlasts the train."},
    SeedGood{"Smartphone", "Compact|Rugged|Dual-SIM|Large-Screen|Long-Life|Everyday", kStorage, 189, 799,
             "Fits the hand, survives the pocket and takes good pictures by lamplight."},
    SeedGood{"Tablet", "Drawing|Reading|Family|Slim|Rugged|Student", kStorage, 149, 649,
             "For sketches, recipes and one more episode."},
    SeedGood{"Keyboard", "Mechanical|Wireless|Compact|Split|Quiet|Illuminated", kFinishes, 29, 189,
             "Keys with a clear point of no return."},
    SeedGood{"Mouse", "Wireless|Ergonomic|Vertical|Quiet|Travel|Gaming", kFinishes, 14, 99,
             "Glides on wood, glass and most magazines."},
    SeedGood{"Monitor", "Curved|4K|Colour-True|Office|Wide|Height-Adjustable", kScreens, 139, 449,
             "Sharp to the corners, calm on the eyes and easy to turn."},
    SeedGood{"Charger", "Wireless|Fast|Travel|Three-Port|Bedside|Car", kFinishes, 12, 59,
             "Back to full before the coffee is cold."},
    SeedGood{"Power Bank", "Slim|Solar|Fast|Pocket|Rugged|Wireless", kBatteries, 19, 59,
             "A spare day in a jacket pocket."},
    SeedGood{"Webcam", "HD|4K|Wide-Angle|Streaming|Clip-On|Office", kFinishes, 25, 159,
             "Shows you as you are, with a shutter for when you would rather not."},
    SeedGood{"Router", "Mesh|Travel|Dual-Band|Tri-Band|Home|Gaming", kFinishes, 49, 249,
             "Reaches the attic and the far end of the garden."},
    SeedGood{"Laptop Sleeve", "Felt|Padded|Leather|Canvas|Recycled|Waterproof", kColours, 15, 59,
             "Snug, with a pocket for the cable that one always forgets."},
};

constexpr std::array kPhones{
    SeedGood{"Phone", "Compact|Rugged|Dual-SIM|Large-Screen|Long-Life|Everyday", kStorage, 189, 799,
             "Rings, writes, finds the way home and lasts until tomorrow evening."},
    SeedGood{"Folding Phone", "Slim|Pocket|Wide|Tall|Sturdy|Mirror", kStorage, 349, 1099,
             "Opens to a page and closes with a snap that ends any call."},
    SeedGood{"Camera Phone", "Night|Portrait|Zoom|Macro|Travel|Studio", kStorage, 249, 949,
             "Two good lenses in place of five, and a button to press."},
    SeedGood{"Phone Case", "Leather|Cork|Felt|Waterproof|Padded|Slim", kLeathers, 12, 49,
             "Takes the fall, and leaves every button where it was."},
    SeedGood{"Phone Stand", "Foldable|Desk|Bedside|Kitchen|Weighted|Adjustable", kWoods, 14, 59,
             "Holds the recipe, the call and the film at the right angle."},
};

constexpr std::array kCoffee{
    SeedGood{"Espresso Machine", "Lever|Semi-Automatic|Compact|Bean-to-Cup|Dual-Boiler|Capsule", kMetals, 129,
             899, "A short, syrupy espresso in half a minute, and steam for the milk."},
    SeedGood{"Espresso Cups", "Porcelain|Stoneware|Double-Walled|Enamel|Hand-Thrown|Stackable", kSets, 12, 48,
             "Thick walls that keep the crema where it belongs."},
    SeedGood{"Coffee Grinder", "Burr|Hand|Electric|Travel|Conical|Quiet", kMetals, 24, 299,
             "Even grounds from Turkish to French press, one click apart."},
    SeedGood{"Coffee Beans", "Single-Origin|House Blend|Dark-Roast|Espresso|Decaf|Light-Roast", kWeights, 7,
             16, "Roasted on Tuesdays, packed warm, best within six weeks."},
    SeedGood{"Ground Coffee", "Filter|Breakfast|Dark-Roast|Decaf|Mocha|Organic", kWeights, 6, 14,
             "Ground for the pot, with a smell that gets people out of bed."},
    SeedGood{"French Press", "Glass|Steel|Double-Walled|Travel|Enamel|Ceramic", kPots, 19, 79,
             "Four minutes, one push, no paper."},
    SeedGood{"Kettle", "Gooseneck|Whistling|Electric|Stovetop|Temperature-Controlled|Quick-Boil", kMetals, 25,
             149, "Pours in a thin, patient line and never dribbles."},
    SeedGood{"Teapot", "Cast-Iron|Glass|Porcelain|Stoneware|Bone China|Enamel", kPots, 18, 89,
             "Holds the heat through the second cup, with a basket for the leaves."},
    SeedGood{"Tea", "Earl Grey|Green|Assam|Rooibos|Jasmine|Peppermint", kSmallWeights, 4, 12,
             "Whole leaves, picked by hand and packed within the month."},
    SeedGood{"Milk Frother", "Handheld|Electric|Induction|Battery|Compact|Barista", kMetals, 12, 89,
             "Fine foam from any milk, oat included."},
    SeedGood{"Travel Mug", "Insulated|Ceramic-Lined|Leakproof|Wide-Mouth|Steel|Lidded", kColours, 14, 42,
             "Hot until noon, and dry in the bag."},
    SeedGood{"Coffee Dripper", "Ceramic|Glass|Copper|Steel|Foldable|Ribbed", kCups, 9, 49,
             "Clear, bright coffee, a cup at a time."},
};

constexpr std::array kKitchen{
    SeedGood{"Frying Pan", "Cast-Iron|Non-Stick|Carbon-Steel|Copper-Core|Ceramic|Induction", kPans, 19, 99,
             "Heats evenly to the rim, so the last pancake looks like the first."},
    SeedGood{"Saucepan", "Copper-Core|Steel|Enamel|Non-Stick|Lidded|Spouted", kPots, 22, 119,
             "A rounded corner that the whisk can reach, and a lip that pours clean."},
    SeedGood{"Casserole", "Cast-Iron|Enamel|Stoneware|Oval|Round|Shallow", kCasseroles, 39, 189,
             "From the hob to the oven to the table, with a heavy lid."},
    SeedGood{"Knife", "Chef's|Bread|Paring|Santoku|Carving|Filleting", kHandles, 19, 139,
             "Hardened, ground thin and sharp out of the box."},
    SeedGood{"Cutting Board", "End-Grain|Reversible|Carving|Grooved|Round|Long", kWoods, 18, 95,
             "Kind to knives, oiled twice, with feet that do not slip."},
    SeedGood{"Blender", "Hand|Jug|High-Speed|Smoothie|Quiet|Compact", kFinishes, 29, 249,
             "Turns ice to snow and soup to velvet."},
    SeedGood{"Stand Mixer", "Compact|Heavy-Duty|Tilt-Head|Bowl-Lift|Classic|Family", kColours, 149, 549,
             "Kneads a stiff dough without walking across the counter."},
    SeedGood{"Toaster", "Two-Slice|Four-Slice|Long-Slot|Wide-Slot|Bagel|Classic", kColours, 24, 149,
             "Golden on both sides, and a crumb tray that comes out."},
    SeedGood{"Mixing Bowls", "Glass|Steel|Stoneware|Enamel|Nesting|Lidded", kSets, 15, 59,
             "They stack, they pour and they go in the dishwasher."},
    SeedGood{"Baking Tray", "Aluminium|Non-Stick|Perforated|Deep|Rimmed|Enamel", kSizes, 9, 29,
             "Stays flat when the oven is at its hottest."},
    SeedGood{"Kitchen Scale", "Digital|Mechanical|Folding|Waterproof|Coffee|Baking", kFinishes, 14, 69,
             "True to a gram, from a pinch of yeast to a pumpkin."},
    SeedGood{"Apron", "Linen|Denim|Waxed-Cotton|Striped|Cotton|Cross-Back", kColours, 14, 48,
             "Long straps, a deep pocket and a loop for the tea towel."},
};

constexpr std::array kFurniture{
    SeedGood{"Bookcase", "Tall|Low|Corner|Ladder|Modular|Narrow", kWoods, 89, 549,
             "Stands straight under atlases and dictionaries."},
    SeedGood{"Desk", "Standing|Writing|Folding|Corner|Children's|Wall-Mounted", kWoods, 119, 649,
             "Room for two screens and a plant, and a tidy way out for the cables."},
    SeedGood{"Armchair", "Wing|Reading|Swivel|Velvet|Cord|Reclining", kColours, 199, 899,
             "Deep enough for an afternoon and a novel."},
    SeedGood{"Dining Table", "Round|Extending|Trestle|Farmhouse|Drop-Leaf|Square", kWoods, 249, 1199,
             "Seats the family, and the guests who said they would not stay."},
    SeedGood{"Stool", "Bar|Step|Three-Legged|Milking|Piano|Folding", kWoods, 35, 129,
             "Never wobbles, and is easily carried with one hand."},
    SeedGood{"Bedside Table", "Two-Drawer|Round|Floating|Narrow|Open|Cane-Front", kWoods, 49, 229,
             "A drawer that closes softly and a top for book, glass and lamp."},
    SeedGood{"Coat Rack", "Wall|Standing|Peg|Hallway|Tree-Shaped|Children's", kWoods, 29, 149,
             "Holds winter coats for six without leaning."},
    SeedGood{"Desk Chair", "Ergonomic|Mesh|Swivel|Kneeling|Upholstered|High-Back", kColours, 89, 549,
             "Supports the back and leaves the mind free."},
    SeedGood{"Sofa", "Two-Seat|Three-Seat|Corner|Sleeper|Chaise|Compact", kColours, 449, 1899,
             "Covers that come off for washing, and springs made to last."},
    SeedGood{"Sideboard", "Long|Slatted|Four-Door|Cane-Front|Low|Glazed", kWoods, 229, 999,
             "Hides the good plates and the board games alike."},
    SeedGood{"Bench", "Hallway|Dining|Storage|Slatted|Window|Boot-Room", kWoods, 79, 379,
             "A seat for tying shoes and waiting for the others."},
};

constexpr std::array kLighting{
    SeedGood{"Desk Lamp", "Dimmable|Clamp|Folding|Architect's|Rechargeable|Banker's", kMetals, 25, 189,
             "Puts the light on the page and not in the eyes."},
    SeedGood{"Floor Lamp", "Arc|Tripod|Reading|Paper|Dimmable|Uplight", kMetals, 59, 349,
             "One warm corner for the whole evening."},
    SeedGood{"Pendant Light", "Glass|Linen|Rattan|Dome|Cluster|Enamel", kColours, 39, 279,
             "Hangs low over the table and makes dinner look better."},
    SeedGood{"String Lights", "Outdoor|Solar|Festoon|Copper-Wire|Warm White|Fairy", kStrings, 9, 39,
             "For balconies, birthdays and the long end of summer."},
    SeedGood{"Lantern", "Storm|Railway|Solar|Hanging|Table|Camping", kMetals, 15, 89,
             "Glows through wind and drizzle."},
    SeedGood{"Night Light", "Plug-In|Moon|Mushroom|Motion-Sensing|Star|Rabbit", kColours, 9, 45,
             "Just bright enough to find the way back to bed."},
    SeedGood{"Wall Light", "Swing-Arm|Picture|Bathroom|Outdoor|Plug-In|Art Deco", kMetals, 29, 199,
             "Up in an hour, admired for years."},
    SeedGood{"LED Bulb", "Warm White|Dimmable|Filament|Smart|Daylight|Frosted", kBulbs, 4, 22,
             "Lasts 15,000 hours, which is ten years of evenings."},
    SeedGood{"Torch", "Pocket|Rechargeable|Wind-Up|Waterproof|Work|Keyring", kFinishes, 9, 69,
             "For the fuse box, the cellar and the dog at midnight."},
    SeedGood{"Reading Light", "Clip-On|Rechargeable|Book|Bedside|Amber|Neck", kFinishes, 12, 49,
             "One more chapter without waking anyone."},
};

constexpr std::array kBedAndBath{
    SeedGood{"Duvet Cover", "Linen|Percale|Sateen|Washed-Cotton|Striped|Flannel", kBeds, 39, 149,
             "Softer after every wash, with ties in the corners."},
    SeedGood{"Fitted Sheet", "Linen|Percale|Jersey|Organic-Cotton|Bamboo|Flannel", kBeds, 19, 79,
             "Deep corners that stay where they were put."},
    SeedGood{"Pillow", "Down|Memory-Foam|Wool|Buckwheat|Side-Sleeper|Feather", kPillows, 24, 119,
             "Holds its shape until the morning."},
    SeedGood{"Blanket", "Wool|Waffle|Fleece|Weighted|Knitted|Cotton", kColours, 29, 169,
             "For sofas, draughts and visitors."},
    SeedGood{"Bath Towel", "Turkish|Waffle|Bamboo|Organic-Cotton|Quick-Dry|Hammam", kColours, 12, 49,
             "Drinks up water and dries overnight on its loop."},
    SeedGood{"Bathrobe", "Waffle|Terry|Linen|Hooded|Kimono|Fleece", kColours, 39, 129,
             "Two deep pockets and no hurry."},
    SeedGood{"Bath Mat", "Cotton|Tufted|Waffle|Memory-Foam|Reversible|Chenille", kColours, 14, 49,
             "Warm underfoot, with a back that does not slide."},
    SeedGood{"Candle", "Soy|Beeswax|Three-Wick|Pillar|Travel|Container", kScents, 8, 49,
             "Burns slow and straight, for forty hours and more."},
    SeedGood{"Soap", "Olive-Oil|Oatmeal|Shea|Goat's Milk|Exfoliating|Liquid", kScents, 4, 16,
             "Rinses clean and is gentle on gardeners' hands."},
    SeedGood{"Shower Curtain", "Linen|Waffle|Striped|Recycled|Long|Botanical", kColours, 19, 69,
             "Weighted at the hem, so that it minds its own business."},
};

constexpr std::array kClothing{
    SeedGood{"T-Shirt", "Heavyweight|Striped|Pocket|Slub|Organic-Cotton|Long-Sleeved", kColours, 15, 45,
             "Holds its neckline and its colour through a hundred washes."},
    SeedGood{"Sweater", "Lambswool|Merino|Cable-Knit|Fisherman's|Roll-Neck|Cotton", kColours, 45, 179,
             "Warm without weight, knitted in one piece."},
    SeedGood{"Raincoat", "Hooded|Packable|Waxed|Belted|Fisherman's|Lined", kColours, 59, 249,
             "Taped seams, a storm flap and room for a sweater."},
    SeedGood{"Jeans", "Slim|Straight|Relaxed|High-Waisted|Wide-Leg|Tapered", kDenims, 49, 149,
             "Stiff on Monday, yours by Friday."},
    SeedGood{"Scarf", "Lambswool|Cashmere|Linen|Checked|Ribbed|Oversized", kColours, 19, 99,
             "Twice around the neck with some left for the wind."},
    SeedGood{"Beanie", "Merino|Ribbed|Cable-Knit|Fisherman's|Lined|Cotton", kColours, 12, 45,
             "Covers the ears and fits in a pocket."},
    SeedGood{"Socks", "Wool|Walking|Bamboo|Striped|Thermal|Ankle", kColours, 7, 25,
             "A flat toe seam and a heel that stays put."},
    SeedGood{"Shirt", "Oxford|Linen|Flannel|Denim|Chambray|Poplin", kColours, 35, 119,
             "Looks ironed when it is not."},
    SeedGood{"Dress", "Wrap|Shirt|Linen|Pinafore|Midi|Jersey", kColours, 45, 179, "Pockets, of course."},
    SeedGood{"Jacket", "Quilted|Waxed|Fleece|Bomber|Field|Puffer", kColours, 69, 299,
             "For the weeks when no coat is quite right."},
    SeedGood{"Gloves", "Knitted|Touchscreen|Lambswool|Cycling|Fleece-Lined|Fingerless", kColours, 12, 59,
             "Warm fingers that can still find a key."},
    SeedGood{"Pyjamas", "Flannel|Cotton|Striped|Jersey|Linen|Piped", kColours, 35, 99,
             "Respectable enough to meet the postman."},
};

constexpr std::array kShoes{
    SeedGood{"Running Shoes", "Trail|Road|Cushioned|Lightweight|Racing|Winter", kColours, 59, 189,
             "Springy under the heel and quiet on the pavement."},
    SeedGood{"Walking Shoes", "Waterproof|Leather|Wide-Fit|Lightweight|City|Suede", kLeathers, 55, 169,
             "Made for twelve miles and the museum afterwards."},
    SeedGood{"Hiking Boots", "Leather|Waterproof|Lightweight|Mid-Height|Insulated|Vegan", kLeathers, 79, 269,
             "Grip on wet rock and no blisters on the way down."},
    SeedGood{"Sneakers", "Canvas|Leather|High-Top|Slip-On|Retro|Platform", kColours, 39, 149,
             "Go with anything, and clean up with a damp cloth."},
    SeedGood{"Sandals", "Cork|Strappy|Walking|Leather|Fisherman|Cushioned", kLeathers, 29, 119,
             "A footbed that takes the shape of your summer."},
    SeedGood{"Loafers", "Penny|Tassel|Suede|Driving|Leather|Chunky", kLeathers, 59, 199,
             "On in a second, at home in the office."},
    SeedGood{"Chelsea Boots", "Suede|Leather|Chunky|Waxed|Vegan|Heeled", kLeathers, 79, 229,
             "Elastic sides, a loop to pull and nothing to tie."},
    SeedGood{"Wellington Boots", "Short|Tall|Insulated|Children's|Gardening|Lined", kColours, 25, 99,
             "Puddles are no longer your concern."},
    SeedGood{"Slippers", "Felt|Sheepskin|Moccasin|Wool|Quilted|Open-Backed", kColours, 19, 79,
             "Warm from the first step on a cold floor."},
    SeedGood{"Baby Shoes", "Soft-Sole|First-Step|Leather|Knitted|Canvas|Crawling", kColours, 15, 49,
             "Soft soles for those who have just let go of the table."},
    SeedGood{"Dance Shoes", "Ballroom|Tap|Jazz|Swing|Tango|Practice", kLeathers, 45, 149,
             "A suede sole that turns when you do."},
};

constexpr std::array kOutdoors{
    SeedGood{"Tent", "Dome|Tunnel|Ridge|Ultralight|Family|Pop-Up", kTents, 89, 449,
             "Up in ten minutes, dry in a week of rain."},
    SeedGood{"Sleeping Bag", "Down|Mummy|Summer|Three-Season|Winter|Two-Way Zip", kSizes, 39, 219,
             "Warm where it matters, and small when it is packed."},
    SeedGood{"Backpack", "Hiking|Daily|Roll-Top|Canvas|Cycling|Ultralight", kPacks, 45, 139,
             "Sits close, breathes and has a place for the map."},
    SeedGood{"Water Bottle", "Insulated|Steel|Filter|Glass|Folding|Sports", kFlasks, 12, 45,
             "Cold until sunset, and easy to clean."},
    SeedGood{"Camping Stove", "Gas|Two-Burner|Folding|Alcohol|Wood-Burning|Pocket", kFinishes, 25, 149,
             "Boils half a litre in three minutes, wind or no wind."},
    SeedGood{"Hammock", "Parachute|Cotton|Mosquito-Net|Double|Travel|Quilted", kColours, 25, 129,
             "Two trees and an afternoon are all it needs."},
    SeedGood{"Trekking Poles", "Carbon|Folding|Aluminium|Cork-Grip|Ladies'|Shock-Absorbing", kFinishes, 29,
             139, "They take a quarter of the hill off your knees."},
    SeedGood{"Headlamp", "Rechargeable|Running|Caving|Waterproof|Red-Light|Ultralight", kFinishes, 19, 99,
             "Lights the path and leaves both hands free."},
    SeedGood{"Cool Box", "Rigid|Soft|Electric|Wheeled|Folding|Picnic", kCoolers, 25, 99,
             "Ice in the morning is still ice in the evening."},
    SeedGood{"Bike Helmet", "City|Road|Mountain|Children's|Folding|Commuter", kColours, 29, 149,
             "Light, airy and seen from afar."},
    SeedGood{"Bike Lights", "Rechargeable|Dynamo|Magnetic|Commuter|Clip-On|Bright", kFinishes, 15, 79,
             "A front and a rear that click on and stay on."},
    SeedGood{"Picnic Blanket", "Waterproof|Wool|Checked|Oversized|Roll-Up|Quilted", kColours, 19, 79,
             "Dry underneath, soft on top and shakes out clean."},
};

constexpr std::array kGarden{
    SeedGood{"Watering Can", "Galvanised|Long-Reach|Copper|Indoor|Enamel|Children's", kSizes, 12, 69,
             "Balanced when full, with a rose as fine as rain."},
    SeedGood{"Secateurs", "Bypass|Anvil|Left-Handed|Ratchet|Small-Hand|Professional", kFinishes, 14, 69,
             "A clean cut through a finger's width of wood."},
    SeedGood{"Spade", "Digging|Border|Trenching|Long|Children's|Planting", kHandles, 19, 89,
             "Goes in straight and lifts without complaint."},
    SeedGood{"Garden Hose", "Expanding|Braided|Soaker|Flat|Reinforced|Anti-Kink", kHoses, 15, 59,
             "Uncoils without argument and stands the frost."},
    SeedGood{"Planter", "Terracotta|Zinc|Glazed|Hanging|Self-Watering|Wicker", kSizes, 9, 69,
             "Drains well and ages better."},
    SeedGood{"Seeds", "Tomato|Basil|Sunflower|Wildflower|Radish|Chilli", kPackets, 2, 6,
             "Sow in spring, argue with the slugs in June."},
    SeedGood{"Bird Feeder", "Hanging|Window|Squirrel-Proof|Copper-Roofed|Peanut|Table", kSizes, 9, 49,
             "Breakfast for tits and finches, and a show for you."},
    SeedGood{"Wheelbarrow", "Folding|Two-Wheeled|Galvanised|Deep|Light|Builder's", kColours, 49, 199,
             "Carries a hundredweight over a lawn in the rain."},
    SeedGood{"Gardening Gloves", "Leather|Thorn-Proof|Bamboo|Gauntlet|Waterproof|Cotton", kSizes, 6, 29,
             "Thick where the roses are, thin where the seedlings are."},
    SeedGood{"Compost Bin", "Tumbling|Wooden|Kitchen|Insulated|Slatted|Worm", kSizes, 19, 119,
             "Turns peelings into next year's soil."},
    SeedGood{"Trowel", "Transplanting|Potting|Bulb|Forged|Narrow|Copper", kHandles, 9, 39,
             "One piece from tip to tang, so it does not bend."},
    SeedGood{"Deck Chair", "Folding|Striped|Canvas|Reclining|Low|Wide", kColours, 35, 129,
             "Three positions, all of them right."},
};

constexpr std::array kToys{
    SeedGood{"Board Game", "Cooperative|Strategy|Family|Detective|Word|Railway", kSizes, 15, 49,
             "Explained in five minutes, over in an hour, asked for again."},
    SeedGood{"Jigsaw Puzzle", "Landscape|Map|Botanical|Night Sky|Harbour|Circus", kPieces, 10, 22,
             "Thick card, a snug fit and a picture worth the evenings."},
    SeedGood{"Building Blocks", "Wooden|Magnetic|Foam|Alphabet|Castle|City", kBlocks, 15, 45,
             "For towers, for bridges and for knocking them over."},
    SeedGood{"Teddy Bear", "Classic|Corduroy|Sleepy|Mohair|Explorer|Knitted", kSizes, 12, 69,
             "A good listener, washable at thirty degrees."},
    SeedGood{"Kite", "Delta|Diamond|Box|Stunt|Dragon|Pocket", kColours, 12, 79,
             "Climbs in a light breeze and comes down gently."},
    SeedGood{"Train Set", "Wooden|Mountain|Steam|Freight|Night|Starter", kBlocks, 19, 59,
             "Fits all the tracks that are under the sofa already."},
    SeedGood{"Playing Cards", "Waterproof|Large-Print|Gilt-Edged|Botanical|Travel|Classic", kDecks, 5, 19,
             "They shuffle like new after a hundred rainy Sundays."},
    SeedGood{"Dolls' House", "Georgian|Beach|Folding|Three-Floor|Cottage|Town", kWoods, 45, 229,
             "Real hinges, papered walls and a very small kettle."},
    SeedGood{"Marble Run", "Wooden|Spiral|Magnetic|Giant|Starter|Waterfall", kBlocks, 19, 59,
             "Down, around, through and out, then once more."},
    SeedGood{"Chess Set", "Tournament|Travel|Folding|Magnetic|Hand-Carved|Children's", kWoods, 19, 149,
             "Weighted pieces, felt underneath and a spare queen for each side."},
    SeedGood{"Spinning Top", "Humming|Wooden|Throwing|Painted|Finger|Tin", kColours, 4, 25,
             "Spins for two minutes, which is a long time at breakfast."},
    SeedGood{"Hand Puppet", "Fox|Badger|Dragon|Owl|Crocodile|Hedgehog", kSizes, 12, 39,
             "Has opinions and says them out loud."},
};

constexpr std::array kStationery{
    SeedGood{"Notebook", "Lined|Dotted|Plain|Recycled|Stitched|Hardback", kPapers, 6, 24,
             "Lies flat, takes ink and has a ribbon for the page."},
    SeedGood{"Fountain Pen", "Brass|Resin|Pocket|Student|Piston|Lacquered", kNibs, 19, 189,
             "Starts at once, after a week in the drawer too."},
    SeedGood{"Pencils", "Graphite|Coloured|Watercolour|Carpenter's|Cedar|Soft", kBoxes, 5, 19,
             "Sharpen to a long point and do not break in it."},
    SeedGood{"Sketchbook", "Spiral|Hardback|Toned|Watercolour|Landscape|Pocket", kPapers, 8, 32,
             "Heavy paper that forgives a rubber."},
    SeedGood{"Ink", "Bottled|Permanent|Calligraphy|Shimmering|Drawing|Quick-Drying", kInks, 6, 24,
             "Flows well and keeps its colour in the light."},
    SeedGood{"Planner", "Weekly|Daily|Undated|Academic|Wall|Family", kPapers, 9, 34,
             "A page for every plan, and a margin for what came of it."},
    SeedGood{"Desk Organiser", "Stacking|Rotating|Drawer|Letter|Modular|Cork-Lined", kWoods, 15, 69,
             "A place for the stamps, the scissors and that one key."},
    SeedGood{"Wrapping Paper", "Botanical|Marbled|Striped|Kraft|Starry|Festive", kCables, 3, 9,
             "Folds crisply and does not tear at the corners."},
};

constexpr std::array kPantry{
    SeedGood{"Olive Oil", "Extra-Virgin|Lemon|Unfiltered|Early-Harvest|Garlic|Organic", kVolumes, 6, 16,
             "Pressed within a day of picking, green and peppery."},
    SeedGood{"Honey", "Heather|Lime Blossom|Wildflower|Chestnut|Acacia|Set", kWeights, 5, 14,
             "From one valley and one summer."},
    SeedGood{"Jam", "Apricot|Damson|Raspberry|Bitter Orange|Rhubarb|Blackcurrant", kWeights, 4, 9,
             "More fruit than sugar, cooked in small pots."},
    SeedGood{"Chocolate", "Dark|Milk|Salted|Hazelnut|Orange|Cocoa Nib", kSmallWeights, 2, 5,
             "Snaps cleanly, melts slowly and rarely lasts."},
    SeedGood{"Pasta", "Egg|Wholewheat|Bronze-Cut|Spelt|Spinach|Buckwheat", kWeights, 2, 5,
             "Dried slowly, rough enough to hold its sauce."},
    SeedGood{"Granola", "Almond|Maple|Cocoa|Hazelnut|Ginger|Sour Cherry", kWeights, 4, 9,
             "Baked in trays until it rustles."},
    SeedGood{"Crackers", "Rye|Seeded|Charcoal|Rosemary|Oat|Sea Salt", kSmallWeights, 2, 4,
             "Crisp enough for a soft cheese."},
    SeedGood{"Mustard", "Wholegrain|Honey|Hot|Tarragon|Smooth|Beer", kSmallWeights, 2, 4,
             "Ground on stone, and not shy."},
};

// The first are what a shop of few categories has.
constexpr std::array kDepartments{
    SeedDepartment{"Audio", "AUD", 10, "Nightjar|Otterby|Vesperine|Tonwell|Halfmoon|Korvala",
                   "Comes with a two-year guarantee.|Spare parts are kept for ten years.|"
                   "Packed in card, without plastic.|Tuned by ear, then by instrument.|"
                   "The manual fits on one page.",
                   kAudio},
    SeedDepartment{"Computers", "COM", 11, "Quillfeather|Pellamoor|Lumivel|Tesselar|Kestrelworks|Arden Loop",
                   "Made to be repaired.|Comes with a three-year guarantee.|"
                   "Packed in card, without plastic.|Tested for a day before it leaves the house.|"
                   "Made with recycled materials.",
                   kComputers},
    SeedDepartment{"Phones", "PHO", 12, "Ringdove|Larkline|Copperbell|Morrow|Tern & Tone|Hazelcall",
                   "Free of contracts and of games nobody asked for.|Comes with a three-year guarantee.|"
                   "Batteries are changed while you wait.|Packed in card, without plastic.|"
                   "The manual fits on one page.",
                   kPhones},
    SeedDepartment{"Coffee & Tea", "COF", 11,
                   "Tamarind & Vole|Morning Wren|Caldera Row|Brindlecup|Saltmarsh|Kettle & Thorn",
                   "A favourite of our own kitchen.|Makes a good present, for oneself too.|"
                   "Packed by hand in the north of Portugal.|Better company than most.|"
                   "Chosen after trying far too many others.",
                   kCoffee},
    SeedDepartment{"Kitchen", "KIT", 12,
                   "Pinnock & Daughters|Ironsmith Lane|Thistlewick|Copperdale|Ovenbird|Larder Row",
                   "Made to be used every day.|Guaranteed for ten years.|"
                   "Comes with a recipe that is worth the trouble.|Tried for a year in a canteen.|"
                   "Improves with use.",
                   kKitchen},
    SeedDepartment{"Furniture", "FUR", 9,
                   "Aldermoor|Hollin & Vane|Fjellby|Rookwood|Plain & Proper|Settlewright",
                   "Delivered flat, with every tool that is needed.|Timber from forests that are replanted.|"
                   "Guaranteed for fifteen years.|Put together by two people in half an hour.|"
                   "Finished by hand with natural oil.",
                   kFurniture},
    SeedDepartment{"Lighting", "LIG", 8, "Lumenfold|Gloamwick|Candlemas|Firefly & Sons|Halo Mill|Duskfield",
                   "Guaranteed for five years.|Designed in a studio with very small windows.|"
                   "Sips electricity.|Packed in card, without plastic.|Flicker-free, and gentle on moths.",
                   kLighting},
    SeedDepartment{"Clothing", "CLO", 12,
                   "Wrenfield|Marlowe Tarn|Plumb & Tackle|Skerry|Oat & Indigo|Thimble Row",
                   "Dyed with less water than most.|Mended free of charge for life.|"
                   "Sewn in Porto.|Wash cold, dry in the wind.|Comes with thread for the first repair.",
                   kClothing},
    SeedDepartment{"Shoes", "SHO", 11,
                   "Cobblers' Yard|Strand & Heath|Larkstep|Tarnbrook|Mudlark|Boulevardier",
                   "Can be resoled.|Half sizes are available in every width.|"
                   "Comfortable out of the box.|Made in a small workshop near Alicante.|"
                   "Comes with a second pair of laces or a brush, whichever it needs.",
                   kShoes},
    SeedDepartment{"Outdoors", "OUT", 11,
                   "Cairn & Burn|Fellwander|Stormpetrel|Tarpaulin Bros|Wayfarrow|High Tern",
                   "Tested in Wales in November.|Repaired, not replaced, for as long as we are here.|"
                   "Weighs less than one expects.|One percent of the price goes to mountain paths.|"
                   "Comes in a bag that it really fits into.",
                   kOutdoors},
    SeedDepartment{
        "Garden", "GAR", 9, "Hedgerow|Potter & Rake|Greenstead|Bramblegate|Sorrel Hill|Wheal & Daughter",
        "At home in any weather.|Made for those who would rather be outside.|Approved by three allotments.|"
        "A present for the neighbour who waters your plants.|Pays for itself in radishes.",
        kGarden},
    SeedDepartment{"Toys & Games", "TOY", 9,
                   "Pocket Owl|Tumbledown|Marzipan Bear|Rattle & Rook|Gooseberry Fair|Lanternfish",
                   "Painted with colours that may be chewed.|Loved by children and not only by them.|"
                   "Lost parts are replaced free of charge.|For ages three to ninety-nine.|"
                   "Comes in a box that closes again.",
                   kToys},
    SeedDepartment{"Stationery", "STA", 6,
                   "Foxed & Bound|Inkwell Lane|Papier Wolke|Marginalia|Blotter's|Penhallow",
                   "From a workshop above a printer's.|Makes Mondays lighter.|"
                   "Packed in paper, naturally.|Designed by people who still write letters.|"
                   "Good enough to give away, hard to part with.",
                   kStationery},
    SeedDepartment{
        "Pantry", "PAN", 6,
        "Sunday Orchard|Quinta do Melro|Miller's Daughter|Salt & Sorrel|Figtree Lane|Old Bakehouse",
        "No additives and no palm oil.|From people we know by name.|Keep cool and dry.|"
        "Keeps for a year, in theory.|The wrapping is worth keeping too.",
        kPantry},
    SeedDepartment{
        "Bed & Bath", "BED", 9, "Downy Hollow|Cloudberry|Murmur & Moon|Eiderfold|Harbour Mill|Nettle & Foam",
        "From a family business in its fourth generation.|Free of anything one would not want on one's skin.|"
        "Packed without plastic.|Tested by people who sleep late.|"
        "Returns are taken for a hundred nights.",
        kBedAndBath},
};

}  // namespace

std::span<const SeedDepartment> seed_departments() { return kDepartments; }

std::string_view seed_specialities() {
  return "Vintage|Professional|Travel|Children's|Handmade|Organic|Outlet|Seasonal|Gift|Limited-Edition";
}

}  // namespace aforro::seed
