/* The word lists. A product's name is "brand quality thing[, size]": the thing belongs to the aisle, quality and size
 * to the department, the brand to the whole shop. A keyed permutation of all combinations of an aisle deals them out,
 * so no two products share one. Called while the products table is written. */
#include "backend/pipeline/gen_words.h"
#include "backend/pipeline/gen_random.h"
#include <string.h>

/* Lists are separated by '|'; an empty entry leaves that part out. */
struct department_words {
    const char *name, *qualities, *sizes;
};
struct aisle_words {
    const char *name, *things;
};

static const char *const brands[] = {"",
                                     "Alder & Finch",
                                     "Amberfield",
                                     "Ashcombe",
                                     "Barrow Hill",
                                     "Bellwether",
                                     "Birch Lane",
                                     "Blue Heron",
                                     "Bramble Farm",
                                     "Brightwater",
                                     "Brookside",
                                     "Calder Mill",
                                     "Candlewick",
                                     "Cedar Row",
                                     "Clearbrook",
                                     "Clover & Rye",
                                     "Copper Kettle",
                                     "Cottonwood",
                                     "Cranesbill",
                                     "Dandelion Days",
                                     "Daybreak",
                                     "Dovecote",
                                     "Dunmore",
                                     "Early Bird",
                                     "Eastgate",
                                     "Elderwood",
                                     "Everly",
                                     "Fair Acre",
                                     "Fernhill",
                                     "Fieldnote",
                                     "Five Oaks",
                                     "Foxglove",
                                     "Garden Gate",
                                     "Glenbury",
                                     "Golden Hour",
                                     "Good Harbor",
                                     "Grandma Edie's",
                                     "Granite Peak",
                                     "Great Plains",
                                     "Green Door",
                                     "Half Moon",
                                     "Harrow & Sons",
                                     "Hearthside",
                                     "Heritage Row",
                                     "High Meadow",
                                     "Hollow Oak",
                                     "Honest Larder",
                                     "Ironwood",
                                     "Ivy Lane",
                                     "Jolly Miller",
                                     "Juniper",
                                     "Kestrel",
                                     "Kindly",
                                     "Kingsley's",
                                     "Lakehouse",
                                     "Larkspur",
                                     "Little Acorn",
                                     "Lowland",
                                     "Maple & Main",
                                     "Marlow's",
                                     "Meadowlark",
                                     "Midday",
                                     "Mill & Stone",
                                     "Moorland",
                                     "Mossy Creek",
                                     "North Quay",
                                     "Nutmeg",
                                     "Oak Barrel",
                                     "Old Ferry",
                                     "Orchard End",
                                     "Osprey",
                                     "Pebble Beach",
                                     "Pine Ridge",
                                     "Plain & Simple",
                                     "Quarry",
                                     "Quiet Valley",
                                     "Red Wagon",
                                     "Ridgeway",
                                     "River Bend",
                                     "Rosewell",
                                     "Rustic Table",
                                     "Saltmarsh",
                                     "Silver Birch",
                                     "Skylark",
                                     "Sorrel",
                                     "Stillwater",
                                     "Stone Bridge",
                                     "Sunny Side",
                                     "Tallgrass",
                                     "Thistle & Co.",
                                     "Three Pines",
                                     "Tidewater",
                                     "Two Rivers",
                                     "Upland",
                                     "Village Green",
                                     "Wayfarer",
                                     "Wheatsheaf",
                                     "Whistle Stop",
                                     "Wild Thyme",
                                     "Willow & Wren",
                                     "Winterbourne",
                                     "Yarrow",
                                     "\"Sunday Best\"",
                                     "\"Oh So Good\"",
                                     "The \"Daily\" Larder",
                                     "\"Real\" Farmers",
                                     "Café Lumière",
                                     "Señora Paz"};
enum { BRANDS = sizeof brands / sizeof *brands };

static const struct department_words department_words[GEN_DEPARTMENTS] = {
    {"frozen foods", "|Organic|Classic|Family|Gluten Free|Light|Spicy|Homestyle|Vegan|Crispy|Stone Baked|Low Sodium",
     "|, 10 Ounce|, 16 Ounce|, 2 Pack|, Family Size"},
    {"miscellaneous", "|Everyday|Deluxe|Compact|Classic|Handy|Seasonal|Large|Small|Travel|Premium|Festive|Basic",
     "|, 2 Count|, 4 Count|, Assorted|, Gift Set"},
    {"bread and bakery", "|Organic|Whole Wheat|Sourdough|Multigrain|Seeded|Soft|Gluten Free|Honey|Sprouted|Buttery|Rye",
     "|, 6 Count|, 12 Count|, 20 Ounce|, Sliced"},
    {"fresh produce", "|Organic|Large|Baby|Seedless|Local|Ripe|Red|Green|Yellow|Heirloom|Sweet|Washed",
     "|, 1 Pound Bag|, Bunch|, 3 Count|, 10 Ounce"},
    {"wine, beer and spirits", "|Reserve|Estate|Dry|Barrel Aged|Old Vine|Small Batch|Pale|Dark|Hazy|Unfiltered|Vintage",
     "|, 750 Milliliters|, 6 Pack Bottles|, 12 Pack Cans|, 1.5 Liters"},
    {"world kitchen", "|Authentic|Spicy|Mild|Organic|Instant|Traditional|Hot|Sweet|Low Sodium|Gluten Free|Extra Hot",
     "|, 12 Ounce|, 8 Count|, 15 Ounce|, Family Size"},
    {"drinks",
     "|Organic|Diet|Zero Sugar|Sparkling|Cold Brewed|Decaf|Unsweetened|Light|Extra Strong|Naturally Flavored|Pure",
     "|, 12 Pack Cans|, 1 Liter|, 64 Fluid Ounces|, 20 Count"},
    {"pet supplies",
     "|Grain Free|Senior|Puppy|Indoor|Natural|Tender|Crunchy|Small Breed|Large Breed|Sensitive|Hearty|Lean",
     "|, 5 Pounds|, 12 Cans|, 3 Ounce|, Value Pack"},
    {"pasta, grains and beans",
     "|Organic|Whole Grain|Gluten Free|Instant|Quick Cook|Bronze Cut|Long|Protein|Traditional|Toasted",
     "|, 16 Ounce|, 2 Pounds|, 12 Ounce|, Family Bag"},
    {"bulk bins", "|Organic|Roasted|Raw|Salted|Unsalted|Whole|Rolled|Dry Roasted|Sweetened|Natural",
     "|, 1 Pound|, 5 Pounds|, By Weight"},
    {"health and beauty",
     "|Sensitive|Extra Strength|Moisturizing|Fragrance Free|Daily|Natural|Gentle|Maximum|Fresh|Ultra|Kids|Deep",
     "|, 3 Ounce|, 100 Count|, 12 Fluid Ounces|, Twin Pack"},
    {"meat and seafood",
     "|Organic|Boneless|Skinless|Smoked|Grass Fed|Wild Caught|Thick Cut|Lean|Marinated|Uncured|Free Range",
     "|, 1 Pound|, 12 Ounce|, Family Pack|, 4 Count"},
    {"baking and condiments",
     "|Organic|Extra Virgin|Pure|Unbleached|Reduced Fat|Smoky|Spicy|Original|Raw|Fine|Coarse|Sugar Free",
     "|, 8 Ounce|, 16 Fluid Ounces|, 2 Pounds|, Squeeze Bottle"},
    {"breakfast", "|Organic|Honey|Crunchy|Whole Grain|Cinnamon|Maple|Chocolate|Gluten Free|High Fiber|Original|Protein",
     "|, 12 Ounce|, 6 Count|, Family Size|, 18 Ounce"},
    {"tins and jars", "|Organic|Low Sodium|Diced|Whole|Chunky|Creamy|No Salt Added|Fire Roasted|In Water|Hearty|Spiced",
     "|, 14.5 Ounce|, 8 Ounce|, 4 Pack|, 28 Ounce"},
    {"milk, cheese and eggs",
     "|Organic|Low Fat|Whole|Nonfat|Lactose Free|Vanilla|Plain|Grass Fed|Sharp|Mild|Light|Creamy",
     "|, Half Gallon|, 32 Ounce|, 8 Ounce|, 4 Pack"},
    {"home and cleaning",
     "|Free & Clear|Lemon|Lavender|Heavy Duty|Ultra|Recycled|Unscented|Concentrated|Soft|Extra Large|Everyday",
     "|, 2 Count|, 12 Rolls|, 50 Fluid Ounces|, 40 Count"},
    {"baby care", "|Organic|Gentle|Stage 1|Stage 2|Stage 3|Sensitive|Overnight|Newborn|Toddler|Tear Free|Pure",
     "|, 4 Ounce|, 72 Count|, 2 Pack|, Size 4"},
    {"snacks and sweets",
     "|Organic|Salted|Dark Chocolate|Spicy|Baked|Kettle Cooked|Honey Roasted|Gluten Free|Bite Size|Sea Salt|Cheesy",
     "|, 8 Ounce|, 6 Count|, Sharing Bag|, 1.5 Ounce"},
    {"deli counter", "|Organic|Roasted|Spicy|Classic|Smoked|Low Sodium|Garlic|Fresh|Extra Firm|Herbed|Mediterranean",
     "|, 8 Ounce|, 16 Ounce|, Sliced|, Snack Cups"},
    {"unassigned", "|Organic|Classic|Original|Fresh|Light|Natural|Spicy|Sweet|Large|Small|Daily|Special",
     "|, 2 Count|, 8 Ounce|, 16 Ounce|, Value Pack"},
};

/* In the order of the departments; each thing names goods of one aisle only. */
static const struct aisle_words aisle_words[GEN_AISLES] = {
    {"frozen meals", "Lasagna Bake|Chicken Teriyaki Bowl|Shepherd's Pie|Mac & Cheese Bowl|Burrito Bowl|Pot Pie"},
    {"frozen pizza", "Margherita Pizza|Pepperoni Pizza|Four Cheese Pizza|Vegetable Pizza|Pizza Bites|Flatbread Pizza"},
    {"frozen vegetables", "Frozen Peas|Frozen Spinach|Stir Fry Mix|Frozen Edamame|Frozen Corn|Broccoli Florets"},
    {"frozen fruit",
     "Frozen Blueberries|Frozen Mango Chunks|Berry Medley|Frozen Cherries|Frozen Strawberries|Smoothie Blend"},
    {"ice cream tubs",
     "Vanilla Ice Cream|Mint Chip Ice Cream|Salted Caramel Ice Cream|Pistachio Gelato|Mango Sorbet|Frozen Yogurt"},
    {"ice lollies and novelties",
     "Fruit Bars|Ice Cream Sandwiches|Fudge Pops|Ice Cream Cones|Coconut Bars|Lemonade Pops"},
    {"frozen breakfasts",
     "Frozen Waffles|Breakfast Burritos|Frozen Pancakes|Egg Bites|French Toast Sticks|Sausage Biscuits"},
    {"frozen meat and fish",
     "Fish Sticks|Chicken Nuggets|Frozen Shrimp|Turkey Burgers|Salmon Burgers|Frozen Meatballs"},
    {"frozen meatless",
     "Veggie Burgers|Black Bean Patties|Meatless Crumbles|Falafel Balls|Veggie Sausages|Soy Nuggets"},
    {"frozen bread and dough", "Garlic Bread|Puff Pastry|Pie Crusts|Dinner Roll Dough|Phyllo Sheets|Frozen Naan"},
    {"frozen starters and sides", "Potato Fries|Spring Rolls|Onion Rings|Pot Stickers|Hash Browns|Mozzarella Sticks"},
    {"odds and ends",
     "Greeting Card|Batteries|Candles|Light Bulb|Umbrella|Phone Cable|Gift Wrap|Playing Cards|Lighter|Sewing Kit"},
    {"sliced bread", "Sandwich Bread|Toast Loaf|Farmhouse Loaf|Brown Bread|Oat Bread|Raisin Bread"},
    {"buns and rolls", "Burger Buns|Hot Dog Buns|Dinner Rolls|Slider Buns|Hoagie Rolls|Brioche Buns"},
    {"tortillas and flatbread", "Flour Tortillas|Corn Tortillas|Pita Pockets|Naan Bread|Wraps|Lavash"},
    {"breakfast bakery", "Bagels|English Muffins|Croissants|Scones|Blueberry Muffins|Crumpets"},
    {"cakes and desserts", "Carrot Cake|Apple Pie|Brownies|Cupcakes|Cheesecake|Lemon Tart"},
    {"fruit", "Bananas|Apples|Pears|Oranges|Limes|Lemons|Avocados|Grapes|Peaches|Mangoes|Kiwis|Nectarines"},
    {"vegetables", "Carrots|Onions|Zucchini|Cucumbers|Bell Peppers|Celery|Potatoes|Jalapeño "
                   "Peppers|Cauliflower|Garlic|Tomatoes|Squash"},
    {"packaged salads and greens",
     "Spinach|Spring Mix|Romaine Hearts|Kale|Arugula|Coleslaw Mix|Butter Lettuce|Salad Kit"},
    {"herbs", "Basil|Cilantro|Parsley|Mint|Dill|Thyme|Rosemary|Chives"},
    {"berries and cut fruit",
     "Strawberries|Blueberries|Raspberries|Blackberries|Melon Cubes|Pineapple Spears|Fruit Salad|Pomegranate Arils"},
    {"red wine", "Merlot|Cabernet Sauvignon|Pinot Noir|Malbec|Red Blend|Syrah"},
    {"white wine", "Chardonnay|Sauvignon Blanc|Riesling|Pinot Grigio|Prosecco|Dry Rosé"},
    {"beer and cider", "Lager|India Pale Ale|Stout|Wheat Beer|Hard Cider|Amber Ale"},
    {"spirits", "Gin|Vodka|Bourbon|Tequila|White Rum|Rye Whiskey"},
    {"speciality wine and mixers", "Port|Vermouth|Sherry|Margarita Mixer|Bitters|Sake"},
    {"asian pantry", "Soy Sauce|Rice Noodles|Curry Paste|Miso Soup Mix|Fish Sauce|Ramen Noodles"},
    {"latin pantry", "Taco Shells|Enchilada Sauce|Refried Beans|Salsa Verde|Mole Paste|Adobo Seasoning"},
    {"indian pantry", "Tikka Masala Sauce|Mango Chutney|Dal Curry|Garam Masala|Pappadums|Lime Pickle"},
    {"european and kosher", "Matzo Crackers|Sauerkraut|Lingonberry Jam|Pierogi Mix|Harissa Paste|Tahini"},
    {"coffee", "Ground Coffee|Whole Bean Coffee|Espresso Pods|Coffee Concentrate|Instant Coffee|Breakfast Roast"},
    {"tea", "Green Tea|Black Tea|Chamomile Tea|Peppermint Tea|Chai Tea|Ginger Tea"},
    {"soft drinks", "Cola|Ginger Ale|Root Beer|Lemon Lime Soda|Orange Soda|Tonic Water"},
    {"water and seltzer", "Spring Water|Mineral Water|Lime Seltzer|Grapefruit Seltzer|Coconut Water|Berry Seltzer"},
    {"juice and nectar", "Orange Juice|Apple Juice|Cranberry Juice|Grape Juice|Vegetable Juice|Lemonade"},
    {"chilled juice and smoothies", "Green Smoothie|Carrot Juice|Kombucha|Berry Smoothie|Ginger Shot|Beet Juice"},
    {"energy and sports drinks",
     "Energy Drink|Electrolyte Drink|Recovery Drink|Guarana Drink|Citrus Sports Drink|Hydration Tablets"},
    {"cocoa and drink mixes",
     "Hot Cocoa Mix|Iced Tea Mix|Malted Milk Powder|Lemonade Powder|Drinking Chocolate|Protein Shake Mix"},
    {"dog food and care", "Dog Kibble|Dog Biscuits|Beef Dog Stew|Dental Chews|Chicken Jerky Treats|Puppy Pads"},
    {"cat food and care", "Cat Kibble|Tuna Cat Pâté|Clumping Litter|Salmon Cat Treats|Turkey Cat Feast|Catnip Toy"},
    {"dry pasta", "Spaghetti|Penne|Fusilli|Farfalle|Elbow Macaroni|Linguine"},
    {"pasta sauce", "Marinara Sauce|Alfredo Sauce|Arrabbiata Sauce|Vodka Sauce|Tomato Basil Sauce|Bolognese Sauce"},
    {"rice and grains", "Basmati Rice|Brown Rice|Quinoa|Couscous|Wild Rice|Farro"},
    {"beans and lentils", "Black Beans|Red Lentils|Garbanzo Beans|Split Peas|Pinto Beans|Navy Beans"},
    {"boxed sides and fresh pasta", "Tortellini|Rice Pilaf|Mac & Cheese Dinner|Cheese Ravioli|Stuffing Mix|Gnocchi"},
    {"bulk nuts, fruit and sweets", "Almonds|Cashews|Dried Apricots|Banana Chips|Trail Mix|Gummy Bears"},
    {"bulk grains and legumes", "Oat Groats|Jasmine Rice|Millet|Green Lentils|Polenta|Bulgur"},
    {"soap", "Bar Soap|Hand Soap|Foaming Soap|Soap Refill|Castile Soap|Oatmeal Soap"},
    {"body care", "Body Wash|Body Lotion|Bath Salts|Shower Gel|Hand Cream|Body Scrub"},
    {"face care", "Face Wash|Day Cream|Facial Toner|Clay Mask|Eye Cream|Facial Wipes"},
    {"hair care", "Shampoo|Conditioner|Hair Mask|Styling Gel|Hairspray|Dry Shampoo"},
    {"oral care", "Toothpaste|Mouthwash|Dental Floss|Toothbrush|Whitening Strips|Tongue Scraper"},
    {"deodorant", "Deodorant Stick|Deodorant Spray|Roll On Deodorant|Crystal Deodorant|Body Spray|Foot Powder"},
    {"shaving", "Razor Blades|Shaving Cream|Aftershave Balm|Disposable Razors|Shaving Gel|Beard Oil"},
    {"cosmetics", "Lip Balm|Mascara|Foundation|Nail Polish|Eyeliner|Makeup Remover"},
    {"sun care", "Sunscreen Lotion|After Sun Gel|Sunscreen Spray|Lip Sunscreen|Mineral Sunscreen|Self Tanner"},
    {"first aid", "Bandages|Antiseptic Wipes|Gauze Pads|Medical Tape|Healing Ointment|Cold Pack"},
    {"pain relief", "Ibuprofen Tablets|Aspirin|Heat Patch|Muscle Rub|Acetaminophen Caplets|Headache Powder"},
    {"cold and allergy", "Cough Drops|Nasal Spray|Allergy Tablets|Cough Syrup|Chest Rub|Throat Spray"},
    {"digestion", "Antacid Tablets|Probiotic Capsules|Fiber Powder|Ginger Chews|Stomach Relief|Digestive Enzymes"},
    {"vitamins and supplements", "Multivitamin|Vitamin C|Fish Oil|Vitamin D3|Magnesium Tablets|Zinc Lozenges"},
    {"protein and diet", "Whey Protein|Meal Shake|Pea Protein|Collagen Powder|Diet Bar|Greens Powder"},
    {"feminine care", "Pads|Tampons|Panty Liners|Menstrual Cup|Cleansing Cloths|Overnight Pads"},
    {"eye, ear and foot care", "Eye Drops|Contact Solution|Ear Plugs|Insoles|Foot Cream|Cotton Swabs"},
    {"packaged poultry", "Chicken Breasts|Chicken Thighs|Ground Turkey|Turkey Breast|Chicken Wings|Drumsticks"},
    {"meat counter", "Ground Beef|Sirloin Steak|Pork Chops|Lamb Chops|Stew Beef|Short Ribs"},
    {"poultry counter", "Whole Chicken|Chicken Tenders|Duck Breast|Chicken Sausages|Cornish Hen|Ground Chicken"},
    {"seafood counter", "Salmon Fillets|Cod Fillets|Sea Scallops|Shrimp|Tilapia|Mussels"},
    {"packaged seafood", "Smoked Salmon|Crab Cakes|Tuna Steaks|Smoked Trout|Lox|Crab Meat"},
    {"bacon and sausages", "Bacon|Pork Sausages|Hot Dogs|Chorizo|Bratwurst|Kielbasa"},
    {"marinades and prepared meat", "Pulled Pork|Beef Kebabs|Meatloaf|Fajita Strips|Barbecue Ribs|Stuffed Peppers"},
    {"flour and baking mixes", "All Purpose Flour|Pancake Mix|Almond Flour|Cake Mix|Cornbread Mix|Bread Flour"},
    {"sugar and sweeteners", "Cane Sugar|Brown Sugar|Stevia|Powdered Sugar|Agave Nectar|Monk Fruit Sweetener"},
    {"baking supplies", "Baking Powder|Chocolate Chips|Cupcake Liners|Active Dry Yeast|Frosting|Sprinkles"},
    {"spices", "Ground Cumin|Black Pepper|Paprika|Cinnamon Sticks|Garlic Powder|Turmeric"},
    {"salt and seasoning", "Sea Salt Flakes|Steak Rub|Taco Seasoning|Herb Blend|Lemon Pepper|Iodized Salt"},
    {"oils", "Olive Oil|Canola Oil|Avocado Oil|Sesame Oil|Cooking Spray|Coconut Oil"},
    {"vinegars", "Balsamic Vinegar|Apple Cider Vinegar|Rice Vinegar|Red Wine Vinegar|White Vinegar|Sherry Vinegar"},
    {"ketchup, mustard and mayo", "Ketchup|Dijon Mustard|Mayonnaise|Relish|Yellow Mustard|Horseradish"},
    {"sauces and marinades", "Hot Sauce|Barbecue Sauce|Teriyaki Marinade|Worcestershire Sauce|Pesto|Steak Sauce"},
    {"salad dressing", "Ranch Dressing|Caesar Dressing|Vinaigrette|Blue Cheese Dressing|Poppy Seed Dressing|Croutons"},
    {"honey and syrup", "Honey|Maple Syrup|Molasses|Pancake Syrup|Honeycomb|Date Syrup"},
    {"pickles and olives", "Dill Pickles|Kalamata Olives|Capers|Pickled Beets|Green Olives|Pepperoncini"},
    {"cold cereal", "Corn Flakes|Bran Flakes|Oat Rings|Rice Puffs|Shredded Wheat|Muesli"},
    {"granola", "Granola|Granola Clusters|Nut Granola|Coconut Granola|Berry Granola|Seed Granola"},
    {"hot cereal", "Rolled Oats|Instant Oatmeal|Steel Cut Oats|Cream of Wheat|Grits|Oat Bran"},
    {"breakfast bars and pastries",
     "Breakfast Bars|Toaster Pastries|Oat Squares|Breakfast Biscuits|Fruit Twists|Cereal Bars"},
    {"soup and broth", "Chicken Broth|Tomato Soup|Minestrone|Vegetable Broth|Clam Chowder|Lentil Soup"},
    {"tinned vegetables", "Tomato Paste|Canned Corn|Artichoke Hearts|Canned Pumpkin|Crushed Tomatoes|Green Beans"},
    {"tinned fruit", "Peach Slices|Pineapple Chunks|Applesauce|Mandarin Segments|Fruit Cocktail|Pear Halves"},
    {"tinned meals and beans",
     "Chili with Beans|Baked Beans|Beef Ravioli|Kidney Beans|Cannellini Beans|Sloppy Joe Sauce"},
    {"tinned fish and meat", "Tuna|Sardines|Anchovies|Salmon Tin|Corned Beef|Chicken Chunks"},
    {"milk", "Milk|Chocolate Milk|Buttermilk|Goat Milk|Strawberry Milk|Kefir"},
    {"plant milk", "Almond Milk|Oat Milk|Soy Milk|Cashew Milk|Rice Milk|Hemp Milk"},
    {"cream and creamer", "Half & Half|Heavy Cream|Coffee Creamer|Sour Cream|Whipped Cream|Crème Fraîche"},
    {"butter and margarine", "Butter|Salted Butter|Margarine|Ghee|Olive Oil Spread|Cultured Butter"},
    {"yogurt", "Greek Yogurt|Yogurt|Skyr|Yogurt Tubes|Drinkable Yogurt|Coconut Yogurt"},
    {"eggs", "Brown Eggs|White Eggs|Egg Whites|Cage Free Eggs|Pasture Eggs|Jumbo Eggs"},
    {"packaged cheese", "Cheddar|Shredded Mozzarella|String Cheese|Swiss Slices|Parmesan Wedge|Pepper Jack"},
    {"specialty cheese", "Brie|Gouda|Goat Cheese|Gruyère|Feta|Manchego"},
    {"cottage and cream cheese", "Cottage Cheese|Cream Cheese|Ricotta|Mascarpone|Farmer Cheese|Quark"},
    {"puddings and chilled desserts", "Chocolate Pudding|Rice Pudding|Flan|Tapioca|Gelatin Cups|Panna Cotta"},
    {"laundry", "Laundry Detergent|Fabric Softener|Dryer Sheets|Stain Remover|Laundry Pods|Bleach"},
    {"dish care", "Dish Soap|Dishwasher Pods|Rinse Aid|Scrub Sponges|Dish Brush|Dishwasher Gel"},
    {"surface cleaners",
     "All Purpose Cleaner|Glass Cleaner|Disinfecting Wipes|Bathroom Cleaner|Floor Cleaner|Scouring Powder"},
    {"paper goods", "Paper Towels|Bath Tissue|Facial Tissues|Napkins|Guest Towels|Tissue Cubes"},
    {"food storage", "Sandwich Bags|Aluminum Foil|Plastic Wrap|Storage Bags|Parchment Paper|Food Containers"},
    {"bin bags", "Kitchen Bags|Compost Bags|Lawn Bags|Bin Liners|Drawstring Bags|Wastebasket Bags"},
    {"plates, bowls and cups", "Paper Plates|Party Cups|Plastic Forks|Paper Bowls|Drinking Straws|Table Cover"},
    {"air fresheners and candles", "Room Spray|Scented Candle|Plug In Refill|Reed Diffuser|Incense|Odor Absorber"},
    {"kitchen supplies", "Oven Mitt|Spatula|Coffee Filters|Cutting Board|Measuring Cups|Can Opener"},
    {"cleaning tools and hardware", "Broom|Mop Refill|Rubber Gloves|Extension Cord|Dustpan|Duct Tape"},
    {"nappies and wipes", "Diapers|Baby Wipes|Training Pants|Swim Diapers|Changing Pads|Diaper Cream"},
    {"baby food", "Apple Purée|Sweet Potato Purée|Banana Pouch|Baby Oatmeal|Teething Biscuits|Pea & Pear Pouch"},
    {"formula", "Infant Formula|Goat Milk Formula|Toddler Formula|Soy Formula|Ready to Feed Formula|Follow On Formula"},
    {"baby bath and accessories", "Baby Shampoo|Baby Lotion|Pacifier|Baby Bottle|Bubble Bath|Sippy Cup"},
    {"chips and crisps", "Potato Chips|Tortilla Chips|Veggie Chips|Corn Chips|Pita Chips|Plantain Chips"},
    {"crackers", "Wheat Crackers|Rice Crackers|Saltines|Cheese Crackers|Seed Crackers|Oat Cakes"},
    {"popcorn and pretzels", "Popcorn|Pretzel Twists|Microwave Popcorn|Pretzel Rods|Caramel Corn|Pretzel Crisps"},
    {"nuts, seeds and dried fruit", "Mixed Nuts|Pistachios|Raisins|Dried Mango|Sunflower Seeds|Walnut Halves"},
    {"snack mixes", "Party Mix|Sesame Sticks|Rice Snack Mix|Wasabi Peas|Nut & Berry Mix|Seaweed Snacks"},
    {"biscuits and cookies", "Oatmeal Cookies|Shortbread|Ginger Snaps|Sandwich Cookies|Butter Cookies|Graham Crackers"},
    {"chocolate", "Chocolate Bar|Peanut Butter Cups|Truffles|Chocolate Almonds|Mint Squares|Hazelnut Bar"},
    {"sweets and gum", "Gummy Worms|Mint Gum|Licorice|Hard Candy|Jelly Beans|Marshmallows"},
    {"energy and granola bars", "Granola Bars|Protein Bars|Fruit & Nut Bars|Date Bars|Oat Bars|Peanut Bars"},
    {"fruit snacks", "Fruit Leather|Fruit Snacks|Apple Crisps|Freeze Dried Berries|Fruit Strips|Squeezable Fruit"},
    {"dips and jerky", "Bean Dip|Beef Jerky|Queso Dip|Turkey Jerky|Onion Dip|Meat Sticks"},
    {"lunch meat", "Turkey Slices|Ham Slices|Salami|Roast Beef Slices|Prosciutto|Bologna"},
    {"hummus and fresh dips", "Hummus|Guacamole|Tzatziki|Fresh Salsa|Baba Ganoush|Spinach Dip"},
    {"prepared meals", "Quiche|Sushi Rolls|Rotisserie Chicken|Stuffed Grape Leaves|Chicken Curry|Vegetable Lasagna"},
    {"prepared soups and salads", "Potato Salad|Tabbouleh|Chicken Noodle Soup|Quinoa Salad|Pasta Salad|Gazpacho"},
    {"tofu and meat alternatives", "Tofu|Tempeh|Seitan|Tofu Cubes|Plant Sausages|Deli Slices"},
    {"no aisle", "Item|Grocery Item|Market Item|House Item|Kitchen Item|Pantry Item|Counter Item|Season Item"},
};

static int list_length(const char *list)
{
    int count = 1;
    for (; *list; list++)
        count += *list == '|';
    return count;
}

/* Entry i of a list; *len gets its length. */
static const char *list_entry(const char *list, int i, size_t *len)
{
    for (; i > 0; i--)
        list = strchr(list, '|') + 1;
    *len = strcspn(list, "|");
    return list;
}

/* Appends one word of a name, after a space when something stands before it. */
static void append_word(const char *word, size_t len, size_t start, struct buf *out)
{
    if (len > 0 && out->len > start)
        buf_putc(out, ' ');
    buf_append(out, word, len);
}

const char *gen_department_name(int department)
{
    return department_words[department].name;
}

const char *gen_aisle_name(int aisle)
{
    return aisle_words[aisle].name;
}

bool gen_product_name(uint64_t seed, const struct gen_product *product, struct buf *out)
{
    enum { NAMES_OF_AISLES = 100 }; /* keys of the permutations */
    const struct department_words *words = &department_words[product->department];
    const char *things = aisle_words[product->aisle].things;
    int quality_count = list_length(words->qualities);
    int thing_count = list_length(things), size_count = list_length(words->sizes);
    uint64_t total = (uint64_t)BRANDS * (uint64_t)(quality_count * thing_count * size_count);
    struct gen_permutation names = gen_permutation_of(seed, NAMES_OF_AISLES + (uint64_t)product->aisle, total);
    int i = (int)gen_permute(&names, (uint64_t)product->number);
    size_t start = out->len, len;
    append_word(brands[i % BRANDS], strlen(brands[i % BRANDS]), start, out);
    i /= BRANDS;
    const char *quality = list_entry(words->qualities, i % quality_count, &len);
    append_word(quality, len, start, out);
    i /= quality_count;
    const char *thing = list_entry(things, i % thing_count, &len);
    append_word(thing, len, start, out);
    const char *size = list_entry(words->sizes, i / thing_count, &len);
    return buf_append(out, size, len);
}
