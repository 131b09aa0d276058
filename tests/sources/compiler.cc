// The front end of clang as a program of its own, `clang -cc1`: with LLVM's libraries the largest
// program that Debian's packages make without compiling for hours.
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/TextDiagnosticBuffer.h"
#include "clang/FrontendTool/Utils.h"
#include "llvm/Passes/PassPlugin.h"
#include "llvm/Support/TargetSelect.h"

using namespace clang;

// Debian's libraries refer to Polly, which is not among them.
llvm::PassPluginLibraryInfo getPollyPluginInfo() {
    return {LLVM_PLUGIN_API_VERSION, "Polly", "none", [](llvm::PassBuilder &) {}};
}

int main(int count, const char **words) {
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
    CompilerInstance compiler;
    auto *buffer = new TextDiagnosticBuffer;
    DiagnosticsEngine said(new DiagnosticIDs, new DiagnosticOptions, buffer);
    bool good = CompilerInvocation::CreateFromArgs(
        compiler.getInvocation(), llvm::makeArrayRef(words + 1, count - 1), said);
    compiler.createDiagnostics();
    buffer->FlushDiagnostics(compiler.getDiagnostics());
    return good && ExecuteCompilerInvocation(&compiler) ? 0 : 1;
}
