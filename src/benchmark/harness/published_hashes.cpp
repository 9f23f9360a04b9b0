// Facts: the SHA-256 of the zero-shot requests of each task over its whole official data. Those of ARC, HellaSwag and TruthfulQA are
// the original repository's own regression values; those of MMLU were made with the original program, whose regression values
// belong to the older prompt.
#include <algorithm>
#include <utility>

#include "benchmark/harness/task_plan.h"

namespace assay::harness {
namespace {

constexpr std::pair<std::string_view, std::string_view> kPublished[] = {
    {"arc_challenge", "41c34c96cca8ace661911d0033d630c554b283f5a3953bcdc50720ae6b00a9c1"},
    {"arc_easy", "ffa6e39a35a16299dcb015f17f986aaa598ad8b4840c4cebe0339a7042232741"},
    {"hellaswag", "abb808c97d6529eda6c11067837a132c62d25cba0394d720f80cca6df9f7196e"},
    {"hendrycksTest-abstract_algebra", "b24d39de0f3d476b1f8bb3db74e30da23c5f4e08ddd01e22502516f6719b25be"},
    {"hendrycksTest-anatomy", "c49b1525ae8c0c92d25d978d672a9ed2ee247a4c025200f3693e6dab4ead58e9"},
    {"hendrycksTest-astronomy", "2a6dd8c244d6f6e78f86b26f59627ca07bbb6ab7ff123f084451665e79e354cf"},
    {"hendrycksTest-business_ethics", "dbf1573a603375d0c29ab623f990d7d6b739620efd70343352eda969976e4fa3"},
    {"hendrycksTest-clinical_knowledge", "95d5c35641778674cfb996272054590423aaa5998897e63dcd789247eb9c2930"},
    {"hendrycksTest-college_biology", "f219e43865c0bc08b847acd685944365cb2b4d73831567ccd627cef5b9058a27"},
    {"hendrycksTest-college_chemistry", "dd12b60c5ede9480856266635370633a9127f5e0f6547773cb8c1fc49775ccc7"},
    {"hendrycksTest-college_computer_science", "c1646653a6bc6af37077024dcf090bf28d315e95c463170250d7507cb5c15d2b"},
    {"hendrycksTest-college_mathematics", "ed347f3cda9c66605d68ef1ca7075e81e4166df25c5a0ca48991d3024c1f16c3"},
    {"hendrycksTest-college_medicine", "d71d2c17c6349ece4831fa7c53aecc1e0c646a55000c0cad3613b8a10a60d34e"},
    {"hendrycksTest-college_physics", "cbcb66a391ca35f591c8fa8c6f83d8a93e9ab92cd62ac21c23cd7a8d5735370e"},
    {"hendrycksTest-computer_security", "09054e9794034a9a4bbde94d125704a90070c9214aa9baf8d167dcb58ba00525"},
    {"hendrycksTest-conceptual_physics", "683c7cc63e3899bf56b17356c79738d9a58599ceca621ef65ae756dddbc6857c"},
    {"hendrycksTest-econometrics", "1a49a0110068b5cd4fdaa6c2f5387662c14ed2c09434d20a867b4f62fe8c02f0"},
    {"hendrycksTest-electrical_engineering", "70f1dd46d52846d5f01bce6498b824859f320a42e1f133e301fb62f7964a1dad"},
    {"hendrycksTest-elementary_mathematics", "cd8f4885075386f858287b190cf106391dc3acc74fddba231473629a4c730cf2"},
    {"hendrycksTest-formal_logic", "2fdecbeb1ed917eadecebe1402a4519ce19926a55370ccef09a6df178f7e3395"},
    {"hendrycksTest-global_facts", "55f59affb66ab6e108f5ac395fc551e3606e440973cbe1abf81363ce6158b7c1"},
    {"hendrycksTest-high_school_biology", "592e09915b136cbc1d4b4438525dccc5b4e75a72a74a892feb18ff7e06bf5bfe"},
    {"hendrycksTest-high_school_chemistry", "368971f22fd0d4a8ae47c8d19becb88b3631dd1458acf24b5d070243c580dcb7"},
    {"hendrycksTest-high_school_computer_science", "31d367e49f06fcc69b6fd04e192218190f27d654152e14c3bf261bf1e3d55a32"},
    {"hendrycksTest-high_school_european_history", "59bbf4ed42ae9937fe6b2fde0248f6337039aa4db8578aa61bd3e85686ef35f1"},
    {"hendrycksTest-high_school_geography", "59ab564281ae69046c44ba6b3e6e32c916f3c0987afb44cb47e68209a9bd3846"},
    {"hendrycksTest-high_school_government_and_politics", "1b3e3358a317c3513168f686b8c10794951603d3e42e065507a9fb5cfa445130"},
    {"hendrycksTest-high_school_macroeconomics", "6ed34bbae38852dea877acc067800b92b1236a7f0e356d26ba1d89422fc14f9c"},
    {"hendrycksTest-high_school_mathematics", "0bd5fa984e1178feef8a2e8f483fe91bc4e5c4ab441b0f11772ffabcb9d31c2e"},
    {"hendrycksTest-high_school_microeconomics", "793f46db1a8659d8702b2a7bd5935c816765fe453023ccf5590f1e1b8aa28bb1"},
    {"hendrycksTest-high_school_physics", "d62e1e8b2e1692bc319361db10a1c92b5932b85e7e9135e454b5ef3bdfb3c47e"},
    {"hendrycksTest-high_school_psychology", "1ed7926bda4caeba9d7ee481a9ae62bfa1f8ad57a40cca60c62e87509302b521"},
    {"hendrycksTest-high_school_statistics", "5e17e49a69a0d0f1bd6ad116a3cb1e0608524b73e042805b228804414b628496"},
    {"hendrycksTest-high_school_us_history", "bbbb5de3cb1df5b54a59d7ba784d677ba3e624aad6648a7288ba5e53e1de1e01"},
    {"hendrycksTest-high_school_world_history", "ff8a87cb8bd37805acae64a45baa16fe3a69e2d741fb9c98791bd2fd2a377f10"},
    {"hendrycksTest-human_aging", "3e1044f7d424cb173be802861e84468944184e88795edf51d034374582f67c58"},
    {"hendrycksTest-human_sexuality", "82333c5c3374923f5a88530d8e2987a954deaea5cd6cd90a835b6b334faa2ea4"},
    {"hendrycksTest-international_law", "e34fd82d051359f0a7b91290c948fbb151232c5a9d6c548f535d13115c4de359"},
    {"hendrycksTest-jurisprudence", "528d3e5d470a8a477f5a520d67c087363fac31e4aa51d7ecaa4fc942a73fed9d"},
    {"hendrycksTest-logical_fallacies", "a2a3331674b25344936b7f88b1c79be4d8dc819b3c032c2b7aad38c92f5408f4"},
    {"hendrycksTest-machine_learning", "59d9e532d547f6daa9a566b999b0ce6a92abdbd90be2e918de8dd42aec1d5ebe"},
    {"hendrycksTest-management", "35d099b4fdaaafc155ea49909f872912b5f230a87cdfb50e3a0fd08b9373792d"},
    {"hendrycksTest-marketing", "f075a563c3ba2c031803f4702a4b0f34448ad40578f5d107cddd024c31395c1a"},
    {"hendrycksTest-medical_genetics", "943711989f1db286f2d97db2972ff1d23e00c5110cf0bd11a82d57924470df73"},
    {"hendrycksTest-miscellaneous", "76b842dcd6849dab987f39fee53a070ff20eb8ca6aa8e3a58481e62171dc8f11"},
    {"hendrycksTest-moral_disputes", "2e489d3c39e075da5cbb3af2b11d49d463c16c770c5bbdbd5a22f2440f960cc2"},
    {"hendrycksTest-moral_scenarios", "a960106ed9927e97d9fdd44b5536d7135fef0b9a5679bfb5e3c25eb38792fa15"},
    {"hendrycksTest-nutrition", "2fc8fd04156d92f755754cb16f78ec95c8fa5278d29ec0f9156e3d71e06592ba"},
    {"hendrycksTest-philosophy", "6d7032c6998f8b6880f2fad53877b718fa99d592aa86a6218cb42be1e8719230"},
    {"hendrycksTest-prehistory", "bc42ed61d3fc7525008dc1bb84beeee1ee90a5d20da004402a0fe7681b2ce439"},
    {"hendrycksTest-professional_accounting", "f8eb21d4c4b9568e98b622e41693b121125e25bc1659c95d1c31e20fb46f8627"},
    {"hendrycksTest-professional_law", "4c8a30789e5d602acd31400470dd8cbb6f1ef151ec3338642c60f3d89b0919c4"},
    {"hendrycksTest-professional_medicine", "3a177549663670b3df415fbbf8f29174f1e1fe54b18908bc503d19d93dd4d543"},
    {"hendrycksTest-professional_psychology", "e07d5a3ce9adbff9a8fba872584efc7d4f182f80bf23299638bc13f9b0f15224"},
    {"hendrycksTest-public_relations", "b4e090462516529e34f20e967cbf4dc73c8b6b6eb257bd4f4d885303c0b3b447"},
    {"hendrycksTest-security_studies", "c32c740b8c609f66550141662d31f596eec8502c491881f096cfbb6ec9f7a885"},
    {"hendrycksTest-sociology", "500ad69059384e548c15de6b7d756237ba94512db2d1282093f70921d3b869da"},
    {"hendrycksTest-us_foreign_policy", "043c174e95a028865cdab87f8875927166dd1004455eb3eb1c1286014726c403"},
    {"hendrycksTest-virology", "a333776ae8c0f76bf300d17a49cf6b15bf9915b84cf145fee94624423d07d732"},
    {"hendrycksTest-world_religions", "895bcaa23732b50c79be0093523979ea9905ffe74b2b7fdd1028bf6bedd4a403"},
    {"truthfulqa_mc", "1e07020e9cf41d46ed65312eb39d2b8e6599673d4f0d6b67c0d0eba0efb493bb"},
};

}  // namespace

std::string_view published_requests_sha256(std::string_view task) {
  auto found = std::lower_bound(std::begin(kPublished), std::end(kPublished), task, [](const auto& one, std::string_view wanted) { return one.first < wanted; });
  return found != std::end(kPublished) && found->first == task ? found->second : std::string_view{};
}

}  // namespace assay::harness
