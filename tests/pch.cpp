// Something for the library that owns the test programs' precompiled header to hold.
namespace assay::test {
extern const int kPrecompiledHeader;
const int kPrecompiledHeader = 1;
}  // namespace assay::test
