using System.Runtime.InteropServices;

namespace Funion.Enclave;

/// <summary>
/// What is left of the kernel once the enclave is up: memory, threads, clocks, randomness, and reading and writing what is open already. No file is opened any more, no
/// socket made, no program started, no other process looked at; such calls fail with EPERM. For every thread at once, and not to be undone.
/// <list type="bullet">
/// <item>References: seccomp(2), and linux/seccomp.h, linux/filter.h and the syscall tables of x86-64.</item>
/// </list>
/// </summary>
static partial class Seccomp
{
    const int SetNoNewPrivileges = 38, SetDumpable = 4, SeccompCall = 317, SetModeFilter = 1, SyncThreads = 1;
    const uint Load = 0x20, JumpIfEqual = 0x15, JumpIfSet = 0x45, Return = 0x06;
    const uint Allow = 0x7fff_0000, NotPermitted = 0x0005_0001, NotImplemented = 0x0005_0026, Kill = 0x8000_0000;
    const uint Architecture = 0xc000_003e, CloneThread = 0x0001_0000;
    const int Clone = 56, Clone3 = 435;

    /// <summary>By number: read write close fstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn pread64 pwrite64 readv writev
    /// sched_yield mremap mincore madvise nanosleep getpid exit getrusage tgkill gettid futex sched_setaffinity sched_getaffinity sigaltstack mlock munlock
    /// set_tid_address restart_syscall clock_gettime clock_getres clock_nanosleep exit_group ppoll set_robust_list get_mempolicy mbind getcpu getrandom membarrier rseq sysinfo
    /// arch_prctl sched_getparam sched_getscheduler fcntl fsync.</summary>
    static readonly int[] s_allowed =
    [
        0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 24, 25, 27, 28, 35, 39, 60, 98, 234, 186, 202, 203, 204, 131, 149, 150, 218, 219,
        228, 229, 230, 231, 271, 273, 239, 237, 309, 318, 324, 334, 99, 158, 143, 145, 72, 74,
    ];

    /// <summary>Locks this process up.</summary>
    public static LockOutcome Lock() =>
        Decide(OperatingSystem.IsLinux(), RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, TryApply);

    /// <summary>Where there is Linux there is a lock or no enclave: a kernel that refuses it, and a processor whose calls are not known here, are no reason to go on without.</summary>
    public static LockOutcome Decide(bool isLinux, bool isKnown, Func<bool> apply) =>
        !isLinux ? LockOutcome.NoSuchThing : !isKnown ? LockOutcome.UnknownProcessor : apply() ? LockOutcome.Locked : LockOutcome.Refused;

    static bool TryApply()
    {
        List<Instruction> program =
        [
            new(Load, 0, 0, 4), new(JumpIfEqual, 1, 0, Architecture), new(Return, 0, 0, Kill),
            new(Load, 0, 0, 0),
            // A new thread, never a new process; clone3, whose flags no filter sees, is said not to exist, and the C library takes clone.
            new(JumpIfEqual, 0, 1, Clone3), new(Return, 0, 0, NotImplemented),
            new(JumpIfEqual, 0, 4, Clone), new(Load, 0, 0, 16), new(JumpIfSet, 0, 1, CloneThread), new(Return, 0, 0, Allow), new(Return, 0, 0, NotPermitted),
        ];
        foreach (int number in s_allowed)
        {
            program.Add(new Instruction(JumpIfEqual, 0, 1, (uint)number));
            program.Add(new Instruction(Return, 0, 0, Allow));
        }
        program.Add(new Instruction(Return, 0, 0, NotPermitted));
        GCHandle pinned = GCHandle.Alloc(program.ToArray(), GCHandleType.Pinned);
        try
        {
            Program header = new((ushort)program.Count, pinned.AddrOfPinnedObject());
            return prctl(SetDumpable, 0, 0, 0, 0) == 0 && prctl(SetNoNewPrivileges, 1, 0, 0, 0) == 0 && syscall(SeccompCall, SetModeFilter, SyncThreads, in header) == 0;
        }
        finally
        {
            pinned.Free();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint operation, nint flags, in Program program);

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    readonly record struct Instruction(ushort Code, byte WhenTrue, byte WhenFalse, uint Operand)
    {
        public Instruction(uint code, byte whenTrue, byte whenFalse, uint operand) : this((ushort)code, whenTrue, whenFalse, operand)
        {
        }
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    readonly record struct Program(ushort Length, nint Instructions);
}
